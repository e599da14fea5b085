internal import COpenSSL

/// Sole owner of one `BIGNUM *`, cleansed when it is freed.
@safe struct BigNumber: ~Copyable {
    let pointer: OpaquePointer

    /// Reads a number from its bytes, the highest first.
    init(_ bytes: Span<UInt8>) throws(CryptoError) {
        ERR_clear_error()
        let number = unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe BN_bin2bn(buffer.baseAddress, Int32(clamping: buffer.count), nil)
        }
        guard let number = unsafe number else { throw .taken(during: "reading a number") }
        unsafe pointer = number
    }

    deinit { unsafe BN_clear_free(pointer) }

    /// Whether it is `one` times `other`.
    func isProduct(of one: borrowing BigNumber, _ other: borrowing BigNumber) -> Bool {
        guard let context = unsafe BN_CTX_new() else { return false }
        defer { unsafe BN_CTX_free(context) }
        guard let product = unsafe BN_new() else { return false }
        defer { unsafe BN_clear_free(product) }
        return unsafe BN_mul(product, one.pointer, other.pointer, context) == 1 && BN_cmp(product, pointer) == 0
    }
}
