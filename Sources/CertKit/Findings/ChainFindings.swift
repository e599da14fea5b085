public import FoundationEssentials

extension Chain {
    /// What is wrong with the chain at the time `now`, the worst rules first.
    ///
    /// `location` is the file or address that the chain was read from.
    public func findings(on now: Date, location: String) -> [Finding] {
        let rules = ChainRules(chain: self, now: now, location: location)
        return rules.completeness() + rules.pathRules() + strengthFindings(location: location) + rules.surplus()
            + rules.times()
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
        if chain.leafIsSelfSigned {
            let remedy = "run certbot certonly for this name; a self-signed certificate is trusted by nobody"
            return found + [finding(.selfSigned, "the leaf signed itself", remedy: remedy)]
        }
        guard chain.anchor == nil else { return found }
        let last = chain.path.last ?? leaf
        let others = chain.sent.filter { $0 != leaf && !chain.roots.contains($0) && !chain.related.contains($0) }
        if let claimant = others.first(where: { last.namesAsIssuer($0) }) {
            found.append(
                broken("the certificate sent as issuer (\(claimant.subject)) did not sign \(chain.name(of: last))"))
        } else if chain.path.isEmpty, others.isEmpty, !chain.roots.contains(where: { leaf.namesAsIssuer($0) }) {
            found.append(
                finding(
                    .chainIncomplete,
                    "only the leaf is sent, and no trust anchor issued it (\(leaf.issuer) did): telephones refuse it",
                    remedy: whole))
        } else if chain.path.isEmpty, !others.isEmpty {
            found.append(broken("no certificate sent is the leaf's issuer (\(leaf.issuer))"))
        } else {
            found.append(
                finding(
                    .untrusted, "no trust anchor ends the chain: \(last.issuer) is not in the store",
                    remedy: "if it is a CA of your own: certd check --trust FILE, or trust in [check] of certd.toml; "
                        + "if there is no store at all: apt-get install ca-certificates; else obtain the certificate "
                        + "from a public CA: certbot certonly --force-renewal -d NAME"))
        }
        return found
    }

    private var whole: String {
        "use fullchain.pem as issued, or obtain it anew: certbot renew --force-renewal --cert-name LINEAGE"
    }

    private func broken(_ message: String) -> Finding {
        finding(.chainBroken, message, remedy: whole)
    }

    func pathRules() -> [Finding] {
        let anew =
            "clients refuse this path: obtain the certificate anew with certbot renew --force-renewal --cert-name LINEAGE"
        var found: [Finding] = []
        // What is sent above an anchored certificate binds nobody; the anchor itself binds clients that use libcrypto.
        let authorities = Array(chain.needed) + [chain.anchor].compactMap { $0 }
        var bound: [NamedCertificate] = []
        var between = 0
        for (below, certificate) in authorities.enumerated() {
            let isAnchor = below == chain.neededCount
            let mayNotSign = certificate.keyUsage.map { !$0.contains(.keyCertSign) } ?? false
            if !isAnchor, !certificate.isCA || mayNotSign {
                found.append(
                    finding(
                        .issuerNotCA, "\(certificate.subject) signed the one before it but may not (RFC 5280, 4.2.1.9)",
                        remedy: anew))
            }
            // A limit of either kind does not bind what is self-issued, the leaf excepted (RFC 5280, 6.1.4 b and l).
            let last = below == 0 ? chain.leaf : chain.path[below - 1]
            if below == 0 || !last.isSelfIssued {
                between += below == 0 ? 0 : 1
                bound.append(NamedCertificate(last))
            }
            if let limit = certificate.pathLength, between > limit {
                found.append(
                    finding(
                        .pathlenExceeded,
                        "\(certificate.subject) allows \(limit) intermediates below it, here are \(between)",
                        remedy: anew))
            }
            if let forbidden = certificate.forbidden(among: bound) {
                found.append(
                    finding(
                        .nameConstraint,
                        "\(certificate.subject) may not issue for \(chain.name(of: forbidden)) (RFC 5280, 4.2.1.10)",
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
            } else if chain.roots.contains(certificate) {
                found.append(
                    finding(.rootInChain, "the root \(certificate.subject) is sent without need", remedy: remedy))
            } else if !chain.related.contains(certificate) {
                unrelated.append(certificate)
            }
        }
        // Where nothing sent belongs to the leaf the chain is broken, and says so once.
        if !chain.path.isEmpty || chain.anchor != nil {
            found += unrelated.map {
                finding(.unrelatedInChain, "\($0.subject) is no issuer of this leaf", remedy: remedy)
            }
        }
        var counted: Set<Certificate> = []
        let sentPath = chain.sent.filter { chain.related.contains($0) && counted.insert($0).inserted }
        if !chain.isAmbiguous, sentPath != chain.path {
            found.append(
                finding(
                    .chainOrder, severity: .warning, "the intermediates are not sent nearest issuer first",
                    remedy: "use fullchain.pem as issued; certd deploy puts them in order"))
        }
        // libcrypto takes the first issuer that is valid, and does not try the next where that one leads nowhere.
        if chain.anchor != nil, let first = chain.overtaking.first(where: { $0.notAfter >= now }) {
            found.append(
                finding(
                    .chainOrder, severity: .warning,
                    "clients that do not know \(first.issuer) fail: its \(first.subject) is sent before another one's",
                    remedy: "choose one issuer: certbot certonly --force-renewal --preferred-chain NAME"))
        }
        return found
    }

    func times() -> [Finding] {
        let remedy =
            "run certbot renew --force-renewal --cert-name LINEAGE: the new certificate comes with a current intermediate"
        return chain.needed.flatMap { certificate -> [Finding] in
            if certificate.notAfter < now {
                let ended = certificate.notAfter.utc
                return [finding(.intermediateExpired, "\(certificate.subject) ended at \(ended)", remedy: remedy)]
            }
            if now < certificate.notBefore {
                let starts = certificate.notBefore.utc
                let clock = "compare the clock with timedatectl; if it is right, wait"
                return [finding(.notYetValid, "\(certificate.subject) is valid from \(starts) on", remedy: clock)]
            }
            guard certificate.notAfter < chain.leaf.notAfter else { return [] }
            let ends = certificate.notAfter.utc
            return [finding(.outlivesIssuer, "\(certificate.subject) ends before the leaf, at \(ends)", remedy: remedy)]
        }
    }
}

extension Chain {
    /// How one of the path is called in a message: the leaf has no name that proves anything.
    fileprivate func name(of certificate: Certificate) -> String {
        certificate == leaf ? "the leaf" : "\(certificate.subject)"
    }
}

extension DistinguishedName {
    /// Whether an ACME staging environment's issuer is named here.
    var isStaging: Bool {
        [organization, commonName].contains { $0?.hasPrefix("(STAGING)") == true }
    }
}
