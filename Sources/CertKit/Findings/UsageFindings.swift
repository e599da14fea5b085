extension Certificate {
    /// What keeps clients from taking this certificate as a server's leaf, or will surprise its owner.
    ///
    /// `location` is the file or address that it was read from.
    public func usageFindings(location: String) -> [Finding] {
        var found: [Finding] = []
        if !allowsServerAuthentication {
            found.append(
                Finding(
                    .wrongEKU,
                    "the extended key usage does not name serverAuth, so clients refuse it (RFC 5280, 4.2.1.12)",
                    remedy: "obtain one for a server: certbot certonly --force-renewal --cert-name LINEAGE",
                    location: location))
        }
        if isCA {
            found.append(
                Finding(
                    .leafIsCA, "the leaf may sign certificates itself (CA:TRUE), and some clients refuse that",
                    remedy: "obtain one for a server: certbot certonly --force-renewal --cert-name LINEAGE",
                    location: location))
        }
        if requiresStapling, !namesOCSPResponder {
            found.append(
                Finding(
                    .mustStaple,
                    "it requires a stapled OCSP response (must-staple), but its issuer has no OCSP responder",
                    remedy: "issue it anew without must_staple in its renewal file: "
                        + "certbot renew --force-renewal --cert-name LINEAGE",
                    location: location))
        }
        return found
    }
}
