internal import COpenSSL
internal import Synchronization

/// A public key and what libcrypto needs to verify its signatures, prepared once for each digest in turn.
///
/// Looking up the algorithm and the digest takes about as long as reading a certificate's file.
final class SignatureVerifier: Sendable {
    let key: PublicKeyHandle
    private let prepared = Mutex<VerificationContext?>(nil)

    init(_ key: consuming PublicKeyHandle) { self.key = key }

    /// Whether the key made `signature` of `content`; without a digest, for algorithms that bring their own.
    func verifies(_ signature: Span<UInt8>, of content: Span<UInt8>, digest: SignatureAlgorithm.Hash?) -> Bool {
        ERR_clear_error()
        defer { ERR_clear_error() }
        return context(for: digest)?.verifies(signature, of: content) ?? false
    }

    /// A context of the caller's own: only copying is done by one at a time.
    private func context(for digest: SignatureAlgorithm.Hash?) -> VerificationContext? {
        prepared.withLock { kept in
            if kept == nil || kept?.digest != digest { kept = .prepared(for: key, digest) }
            return kept?.copy()
        }
    }
}

/// Sole owner of one `EVP_MD_CTX *` that is ready for one verification.
///
/// `@unchecked Sendable`: whoever owns it is the only one to use it.
@safe private struct VerificationContext: ~Copyable, @unchecked Sendable {
    let digest: SignatureAlgorithm.Hash?
    private let pointer: OpaquePointer

    private init(adopting pointer: OpaquePointer, _ digest: SignatureAlgorithm.Hash?) {
        unsafe self.pointer = pointer
        self.digest = digest
    }

    /// Looks up all that verifying by `key` takes; nil where libcrypto cannot.
    static func prepared(for key: borrowing PublicKeyHandle, _ digest: SignatureAlgorithm.Hash?) -> Self? {
        guard let made = unsafe EVP_MD_CTX_new() else { return nil }
        let context = unsafe Self(adopting: made, digest)
        let method = unsafe digest.flatMap { unsafe $0.method }
        guard unsafe EVP_DigestVerifyInit(context.pointer, nil, method, nil, key.pointer) == 1 else { return nil }
        return context
    }

    deinit { unsafe EVP_MD_CTX_free(pointer) }

    func copy() -> Self? {
        guard let made = unsafe EVP_MD_CTX_new() else { return nil }
        let copy = unsafe Self(adopting: made, digest)
        guard unsafe EVP_MD_CTX_copy_ex(copy.pointer, pointer) == 1 else { return nil }
        // It is used once, so libcrypto need not make a further copy for itself.
        unsafe EVP_MD_CTX_set_flags(copy.pointer, EVP_MD_CTX_FLAG_FINALISE)
        return copy
    }

    consuming func verifies(_ signature: Span<UInt8>, of content: Span<UInt8>) -> Bool {
        unsafe signature.withUnsafeBufferPointer { signature in
            unsafe content.withUnsafeBufferPointer { content in
                unsafe EVP_DigestVerify(
                    pointer, signature.baseAddress, signature.count, content.baseAddress, content.count) == 1
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
