internal import COpenSSL

extension PrivateKey {
    /// Has libcrypto load the key and try its halves against each other: the last word before a deployment.
    ///
    /// - Throws: ``PrivateKeyError/refusedByLibcrypto(_:)`` for what HAProxy could not load either.
    public func checkedByLibcrypto() throws(PrivateKeyError) {
        ERR_clear_error()
        let key = unsafe der.withSpan { bytes in
            unsafe bytes.withUnsafeBufferPointer { buffer in
                var cursor = buffer.baseAddress
                // Of which kind it is, is known: to try all of them takes three times as long (OpenSSL 3.0).
                return unsafe d2i_PrivateKey(kind.libcryptoType, nil, &cursor, buffer.count)
            }
        }
        guard let key = unsafe key else { throw .refusedByLibcrypto(.taken(during: "parsing a private key")) }
        defer { unsafe EVP_PKEY_free(key) }
        guard let context = unsafe EVP_PKEY_CTX_new(key, nil) else {
            throw .refusedByLibcrypto(.taken(during: "checking a private key"))
        }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        guard unsafe EVP_PKEY_pairwise_check(context) == 1 else {
            throw .refusedByLibcrypto(.taken(during: "checking a private key"))
        }
    }
}

extension PublicKey.Kind {
    fileprivate var libcryptoType: CInt {
        switch self {
        case .rsa: EVP_PKEY_RSA
        case .ec: EVP_PKEY_EC
        case .ed25519: EVP_PKEY_ED25519
        case .other: EVP_PKEY_NONE
        }
    }
}
