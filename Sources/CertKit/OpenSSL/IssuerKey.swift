/// The public key of an issuer, decoded once and ready to verify the signatures of many certificates.
///
/// Decoding a key takes libcrypto half as long as verifying a signature; an intermediate issues thousands.
public final class IssuerKey: Sendable {
    private let verifier: SignatureVerifier
    private let kind: PublicKey.Kind

    /// Has libcrypto decode the key.
    ///
    /// - Throws: ``CertificateError/refusedByLibcrypto(_:)`` where it cannot use it.
    public init(_ key: PublicKey) throws(CertificateError) {
        do throws(CryptoError) {
            verifier = SignatureVerifier(try PublicKeyHandle.parse(key.bytes.span))
        } catch {
            throw .refusedByLibcrypto(error)
        }
        kind = key.kind
    }

    /// Whether this key signed `certificate`; says nothing about names or dates.
    public func signed(_ certificate: Certificate) -> Bool { signed(certificate.der.span, certificate.layout) }

    /// The same of a certificate's DER.
    func signed(_ bytes: Span<UInt8>, _ layout: CertificateLayout) -> Bool {
        let signed = bytes.extracting(layout.signed)
        let signature = bytes.extracting(layout.signature)
        return switch (layout.signatureAlgorithm, kind) {
        case (.rsa(let hash), .rsa), (.ecdsa(let hash), .ec):
            verifier.verifies(signature, of: signed, digest: hash)
        case (.ed25519, .ed25519): verifier.verifies(signature, of: signed, digest: nil)
        case (.other, _): (try? X509Handle.parse(bytes))?.isSigned(by: verifier.key) ?? false
        case (.rsa, _), (.ecdsa, _), (.ed25519, _): false
        }
    }
}
