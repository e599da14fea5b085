import COpenSSL

/// What libcrypto makes of a PEM text, read as a server does.
struct LibcryptoReading {
    var certificates: [[UInt8]] = []
    /// Whether it finds an extension of one unfit.
    var hasUnfitExtension = false
    /// The public half of the first key, as DER.
    var publicKey: [UInt8]?
    var hasKey: Bool { publicKey != nil }

    init(_ bytes: [UInt8]) {
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let text = unsafe BIO_new_mem_buf(bytes, Int32(bytes.count)) else { return }
        defer { unsafe BIO_free(text) }
        while let certificate = unsafe PEM_read_bio_X509(text, nil, nil, nil) {
            unsafe certificates.append(written(of: certificate) { unsafe i2d_X509($0, $1) })
            if unsafe X509_get_extension_flags(certificate) & UInt32(EXFLAG_INVALID) != 0 { hasUnfitExtension = true }
            unsafe X509_free(certificate)
        }
        guard let again = unsafe BIO_new_mem_buf(bytes, Int32(bytes.count)) else { return }
        defer { unsafe BIO_free(again) }
        if let key = unsafe PEM_read_bio_PrivateKey(again, nil, nil, nil) {
            publicKey = unsafe written(of: key) { unsafe i2d_PUBKEY($0, $1) }
            unsafe EVP_PKEY_free(key)
        }
    }
}

/// What one of libcrypto's `i2d_` functions writes.
private func written(
    of object: OpaquePointer, _ write: (OpaquePointer, UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32
) -> [UInt8] {
    var der = unsafe [UInt8](repeating: 0, count: max(0, Int(write(object, nil))))
    unsafe der.withUnsafeMutableBufferPointer { buffer in
        var cursor = buffer.baseAddress
        _ = unsafe write(object, &cursor)
    }
    return der
}
