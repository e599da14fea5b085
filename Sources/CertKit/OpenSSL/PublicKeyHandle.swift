internal import COpenSSL

/// Sole owner of one `EVP_PKEY *` of which only the public half is used.
///
/// `@unchecked Sendable`: the key is never changed once it is decoded, and verifying only reads it; what libcrypto caches
/// within a key it guards by the key's own lock.
@safe struct PublicKeyHandle: ~Copyable, @unchecked Sendable {
    let pointer: OpaquePointer

    /// Takes over what libcrypto gave away.
    init(adopting pointer: OpaquePointer) { unsafe self.pointer = pointer }

    deinit { unsafe EVP_PKEY_free(pointer) }

    /// Reads a SubjectPublicKeyInfo.
    static func parse(_ spki: Span<UInt8>) throws(CryptoError) -> PublicKeyHandle {
        ERR_clear_error()
        let parsed = unsafe spki.withUnsafeBufferPointer { bytes in
            var cursor = bytes.baseAddress
            return unsafe d2i_PUBKEY(nil, &cursor, bytes.count)
        }
        guard let parsed = unsafe parsed else { throw .taken(during: "decoding a public key") }
        return unsafe PublicKeyHandle(adopting: parsed)
    }

    /// Whether the key made `signature` of `content`; without a digest, for algorithms that bring their own.
    func verifies(_ signature: Span<UInt8>, of content: Span<UInt8>, digest: SignatureAlgorithm.Hash?) -> Bool {
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let context = unsafe EVP_MD_CTX_new() else { return false }
        defer { unsafe EVP_MD_CTX_free(context) }
        let method = unsafe digest.flatMap { unsafe $0.method }
        guard unsafe EVP_DigestVerifyInit(context, nil, method, nil, pointer) == 1 else { return false }
        return unsafe signature.withUnsafeBufferPointer { signature in
            unsafe content.withUnsafeBufferPointer { content in
                unsafe EVP_DigestVerify(
                    context, signature.baseAddress, signature.count, content.baseAddress, content.count) == 1
            }
        }
    }
}

extension SignatureAlgorithm.Hash {
    /// libcrypto's own description of the digest.
    fileprivate var method: OpaquePointer? {
        switch self {
        case .md5: unsafe EVP_md5()
        case .sha1: unsafe EVP_sha1()
        case .sha224: unsafe EVP_sha224()
        case .sha256: unsafe EVP_sha256()
        case .sha384: unsafe EVP_sha384()
        case .sha512: unsafe EVP_sha512()
        }
    }
}
