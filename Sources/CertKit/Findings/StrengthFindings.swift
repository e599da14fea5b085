extension Chain {
    /// Keys and signatures that are too weak, of the leaf and of the intermediates that clients need: what is sent above a
    /// trust anchor, and the anchor's own signature, prove nothing to anybody.
    ///
    /// `location` is the file or address that the chain was read from.
    public func strengthFindings(location: String) -> [Finding] {
        var found: [Finding] = []
        for (place, certificate) in ([leaf] + needed).enumerated() {
            let isLeaf = place == 0
            if let weakness = certificate.publicKey.weakness(isLeaf: isLeaf) {
                found.append(weakness.finding(of: certificate, isLeaf: isLeaf, location: location))
            }
            if certificate.signatureAlgorithm.isWeak {
                found.append(certificate.weakSignature(isLeaf: isLeaf, location: location))
            }
        }
        return found
    }
}

/// What speaks against a key.
private enum KeyWeakness {
    /// An RSA modulus of so many bits can be factored.
    case short(bits: Int)
    /// An RSA exponent of 3 forgives no mistake in the padding.
    case exponent
    /// Browsers do not know it.
    case odd(String)
}

extension PublicKey {
    fileprivate func weakness(isLeaf: Bool) -> KeyWeakness? {
        switch kind {
        case .rsa(let bits) where bits < 2048: .short(bits: bits)
        case .rsa: rsaExponent.map { $0 <= 3 } == true ? .exponent : nil
        case .ec(.p256), .ec(.p384), .ec(.p521): nil
        // An issuer's key that clients cannot use has broken the chain already.
        case .ec(.other), .ed25519, .other: isLeaf ? .odd(description) : nil
        }
    }
}

extension KeyWeakness {
    fileprivate func finding(of certificate: Certificate, isLeaf: Bool, location: String) -> Finding {
        let whose = isLeaf ? "the leaf" : "\(certificate.subject)"
        switch self {
        case .short(let bits):
            return Finding(
                .weakKey, "\(whose) has an RSA key of \(bits) bits, and clients refuse those under 2048",
                remedy: isLeaf ? Self.anewKey : Self.anewIssuer, location: location)
        case .exponent:
            return Finding(
                .weakKey, severity: .warning, "\(whose) has an RSA key with the exponent 3",
                remedy: isLeaf ? Self.anewKey : Self.anewIssuer, location: location)
        case .odd(let kind):
            return Finding(
                .oddKeyType, "\(whose) has a key of a type that browsers refuse: \(kind)", remedy: Self.anewKey,
                location: location)
        }
    }

    private static let anewKey =
        "issue it anew with a usual key: certbot certonly --force-renewal --key-type ecdsa --cert-name LINEAGE"
    fileprivate static let anewIssuer =
        "obtain it from another issuer: certbot certonly --force-renewal --cert-name LINEAGE --preferred-chain NAME"
}

extension Certificate {
    fileprivate func weakSignature(isLeaf: Bool, location: String) -> Finding {
        Finding(
            .weakSignature,
            "\(isLeaf ? "the leaf" : "\(subject)") is signed by \(signatureAlgorithm), which can be forged",
            remedy: isLeaf
                ? "issue it anew: certbot renew --force-renewal --cert-name LINEAGE" : KeyWeakness.anewIssuer,
            location: location)
    }
}
