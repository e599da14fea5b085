/// What it takes to believe that one certificate's key signed another certificate.
public enum IssuanceEvidence: Sendable {
    /// The signature itself.
    case signature
    /// The same key identifier in both (RFC 5280, 4.2.1.1), which costs next to nothing; the signature where either has
    /// none.
    ///
    /// A forged or damaged signature goes unnoticed, so this is for looking at names and dates, never for a deployment.
    case keyIdentifier
}

extension IssuanceEvidence {
    /// Whether it is enough to look at both.
    func isGiven(by issuer: Certificate, for certificate: Certificate) -> Bool {
        guard self == .keyIdentifier, let named = certificate.authorityKeyIdentifier else { return false }
        return named == issuer.subjectKeyIdentifier
    }
}
