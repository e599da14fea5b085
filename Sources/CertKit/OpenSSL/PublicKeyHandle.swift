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
}
