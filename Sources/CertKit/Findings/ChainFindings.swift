public import FoundationEssentials

extension Chain {
    /// What is wrong with the chain at the time `now`, the worst rules first.
    ///
    /// `location` is the file or address that the chain was read from.
    public func findings(on now: Date, location: String) -> [Finding] {
        let rules = ChainRules(chain: self, now: now, location: location)
        return rules.completeness() + rules.pathRules() + rules.surplus() + rules.times()
    }
}

/// The rules of the catalogue's group Chain, each raising its own findings.
private struct ChainRules {
    let chain: Chain
    let now: Date
    let location: String

    private func finding(_ id: FindingID, severity: Severity? = nil, _ message: String, remedy: String) -> Finding {
        Finding(id, severity: severity, message, remedy: remedy, location: location)
    }

    func completeness() -> [Finding] {
        let leaf = chain.leaf
        var found: [Finding] = []
        if ([leaf] + chain.path).contains(where: { $0.issuer.isStaging }) {
            found.append(
                finding(
                    .stagingIssuer, "issued by the staging environment (\(leaf.issuer)), which no client trusts",
                    remedy: "run certbot certonly --force-renewal for this name without --staging or --test-cert"))
        }
        if leaf.isSelfSigned {
            let remedy = "run certbot certonly for this name; a self-signed certificate is trusted by nobody"
            return found + [finding(.selfSigned, "the leaf signed itself", remedy: remedy)]
        }
        guard chain.path.isEmpty, chain.anchor == nil else { return found }
        let others = chain.sent.filter { $0 != leaf && !$0.isSelfSigned }
        if others.isEmpty {
            found.append(
                finding(
                    .chainIncomplete,
                    "only the leaf is sent, and no trust anchor issued it (\(leaf.issuer) did): telephones refuse it",
                    remedy:
                        "use fullchain.pem as certbot wrote it, or obtain it anew: certbot renew --force-renewal --cert-name LINEAGE"
                ))
        } else {
            let claimant = others.first { $0.subject == leaf.issuer }
            let why =
                claimant.map { "the certificate sent as issuer (\($0.subject)) did not sign the leaf" }
                ?? "no certificate sent is the leaf's issuer (\(leaf.issuer))"
            found.append(
                finding(
                    .chainBroken, why,
                    remedy:
                        "use fullchain.pem as issued, or obtain it anew: certbot renew --force-renewal --cert-name LINEAGE"
                ))
        }
        return found
    }

    func pathRules() -> [Finding] {
        let anew =
            "clients refuse this path: obtain the certificate anew with certbot renew --force-renewal --cert-name LINEAGE"
        var found: [Finding] = []
        for (below, certificate) in chain.path.enumerated() {
            let mayNotSign = certificate.keyUsage.map { !$0.contains(.keyCertSign) } ?? false
            if !certificate.isCA || mayNotSign {
                found.append(
                    finding(
                        .issuerNotCA, "\(certificate.subject) signed the one before it but may not (RFC 5280, 4.2.1.9)",
                        remedy: anew))
            }
            // The limit counts intermediates between this one and the leaf that are not self-issued (RFC 5280, 6.1.4 l).
            let between = chain.path.prefix(below).count { !$0.isSelfIssued }
            if let limit = certificate.pathLength, between > limit {
                found.append(
                    finding(
                        .pathlenExceeded,
                        "\(certificate.subject) allows \(limit) intermediates below it, here are \(between)",
                        remedy: anew))
            }
            if certificate.forbidsNames(of: chain.leaf) {
                found.append(
                    finding(
                        .nameConstraint,
                        "\(certificate.subject) may not issue for the leaf's names (RFC 5280, 4.2.1.10)",
                        remedy: anew))
            }
        }
        return found
    }

    func surplus() -> [Finding] {
        let leaf = chain.leaf
        let remedy = "use fullchain.pem as issued; certd deploy sends only what is needed"
        var found: [Finding] = []
        var seen: Set<Certificate> = [leaf]
        var unrelated: [Certificate] = []
        for certificate in chain.sent {
            if !seen.insert(certificate).inserted {
                found.append(finding(.duplicateInChain, "\(certificate.subject) is sent twice", remedy: remedy))
            } else if certificate.isSelfSigned {
                found.append(
                    finding(.rootInChain, "the root \(certificate.subject) is sent without need", remedy: remedy))
            } else if !chain.path.contains(certificate), !isAlternative(certificate) {
                unrelated.append(certificate)
            }
        }
        // Where nothing sent belongs to the leaf the chain is broken, and says so once.
        if !chain.path.isEmpty || chain.anchor != nil {
            found += unrelated.map {
                finding(.unrelatedInChain, "\($0.subject) is no issuer of this leaf", remedy: remedy)
            }
        }
        let inOrderSent = chain.sent.filter { chain.path.contains($0) }
        if !chain.isAmbiguous, distinct(inOrderSent) != chain.path {
            found.append(
                finding(
                    .chainOrder, severity: .warning, "the intermediates are not sent nearest issuer first",
                    remedy: "use fullchain.pem as issued; certd deploy puts them in order"))
        }
        return found
    }

    func times() -> [Finding] {
        let remedy =
            "run certbot renew --force-renewal --cert-name LINEAGE: the new certificate comes with a current intermediate"
        return chain.needed.flatMap { certificate -> [Finding] in
            if certificate.notAfter < now {
                let ended = certificate.notAfter.formatted(.iso8601)
                return [finding(.intermediateExpired, "\(certificate.subject) ended at \(ended)", remedy: remedy)]
            }
            guard certificate.notAfter < chain.leaf.notAfter else { return [] }
            let ends = certificate.notAfter.formatted(.iso8601)
            return [finding(.outlivesIssuer, "\(certificate.subject) ends before the leaf, at \(ends)", remedy: remedy)]
        }
    }

    /// Whether `certificate` is a second right answer: another certificate of an issuer that is in the path.
    private func isAlternative(_ certificate: Certificate) -> Bool {
        ([chain.leaf] + chain.path).contains { certificate.issued($0) }
    }

    private func distinct(_ certificates: [Certificate]) -> [Certificate] {
        var seen: Set<Certificate> = []
        return certificates.filter { seen.insert($0).inserted }
    }
}

extension DistinguishedName {
    /// Whether an ACME staging environment's issuer is named here.
    var isStaging: Bool {
        [organization, commonName].contains { $0?.hasPrefix("(STAGING)") == true }
    }
}
