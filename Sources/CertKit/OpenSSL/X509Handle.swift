internal import COpenSSL

/// Sole owner of one `X509 *`.
@safe struct X509Handle: ~Copyable {
    let pointer: OpaquePointer

    /// Takes over what libcrypto gave away (`new`, `d2i`, `get1`).
    init(adopting pointer: OpaquePointer) { unsafe self.pointer = pointer }

    deinit { unsafe X509_free(pointer) }

    /// Reads the whole of `der`.
    static func parse(_ der: Span<UInt8>) throws(CryptoError) -> X509Handle {
        ERR_clear_error()
        var consumed = 0
        let parsed = unsafe der.withUnsafeBufferPointer { bytes in
            var cursor = bytes.baseAddress
            let parsed = unsafe d2i_X509(nil, &cursor, bytes.count)
            if let start = bytes.baseAddress, let end = unsafe cursor { consumed = unsafe end - start }
            return unsafe parsed
        }
        guard let parsed = unsafe parsed else { throw .taken(during: "parsing a certificate") }
        let handle = unsafe X509Handle(adopting: parsed)
        guard consumed == der.count else { throw .leftover(after: "a certificate") }
        return handle
    }

    /// The DER that libcrypto holds.
    var der: [UInt8] {
        let count = max(0, Int(unsafe i2d_X509(pointer, nil)))
        return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
            var cursor = buffer.baseAddress
            written = max(0, Int(unsafe i2d_X509(pointer, &cursor)))
        }
    }

    /// The public key, which libcrypto must be able to use.
    func publicKey() throws(CryptoError) -> PublicKeyHandle {
        ERR_clear_error()
        guard let key = unsafe X509_get_pubkey(pointer) else { throw .taken(during: "decoding a public key") }
        return unsafe PublicKeyHandle(adopting: key)
    }

    /// Whether `key` made the signature; an algorithm that libcrypto does not know verifies nothing.
    func isSigned(by key: borrowing PublicKeyHandle) -> Bool {
        ERR_clear_error()
        defer { ERR_clear_error() }
        return unsafe X509_verify(pointer, key.pointer) == 1
    }
}
