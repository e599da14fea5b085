import CertKit
import FoundationEssentials
import SystemPackage

/// Decides what keeps a generation from being deployed, by comparing it with what is served now.
struct Guards: Sendable {
    /// Below this part of its lifetime a served certificate is replaced even by one with faults.
    static let lastResort = 0.10

    let now: Date
    let isForced: Bool
    /// Whether an older generation is wanted.
    var isPinned = false

    /// Those of `findings` that stop the deployment; they are of the new generation, ``comparison(of:with:)`` included.
    ///
    /// `served` is nil where nothing is served that the new one could be worse than. Where processes serve different
    /// certificates, it may not be worse than any of them.
    func stopping(_ findings: [Finding], served: Served?) -> [Finding] {
        findings.filter { finding in
            switch finding.id.stops {
            case .never: false
            case .always: !isForced || finding.id == .keyMismatch
            case .ifWorse: !isForced && (served?.each ?? []).contains { isWorse(finding, than: $0, among: findings) }
            }
        }
    }

    private func isWorse(_ finding: Finding, than served: Served, among findings: [Finding]) -> Bool {
        if served.findings.contains(finding.id) { return false }
        // Nobody trusts a self-signed leaf, such as the throw-away one that HAProxy was first started with, so only a
        // certificate that is over already would be no gain.
        if served.isSelfSigned { return finding.id == .expired }
        let ownDatesAreValid = !findings.contains { $0.id == .expired || $0.id == .notYetValid }
        let nearsItsEnd = served.share(leftAt: now) < Guards.lastResort
        return !(nearsItsEnd && ownDatesAreValid)
    }

    /// What the new generation lacks that the served certificate has, or one of them where there are several.
    func comparison(of generation: Generation, with served: Served) -> [Finding] {
        served.each.flatMap { lack(of: generation, beside: $0) }.withoutRepetitions
    }

    private func lack(of generation: Generation, beside served: Served) -> [Finding] {
        let place = generation.lineage.directory.string
        var found: [Finding] = []
        if !isPinned, let finding = downgrade(to: generation, from: served) { found.append(finding) }
        guard !served.isSelfSigned else { return found }
        let lost = served.names.filter {
            !generation.leaf.covers($0) && !generation.leaf.names.map(\.description).contains($0)
        }
        if !lost.isEmpty {
            found.append(
                Finding(
                    .namesLost, "served now, but no longer covered: \(lost.joined(separator: ", "))",
                    remedy:
                        "obtain it for all names with certbot certonly --expand -d NAME -d NAME",
                    location: place))
        }
        if served.isForClientAuthentication, !generation.leaf.allowsClientAuthentication {
            found.append(
                Finding(
                    .clientAuthLost, "the served certificate allows clientAuth, the new one does not",
                    remedy:
                        "if SIP over TLS authenticates both ways here, obtain one with clientAuth from another issuer",
                    location: place))
        }
        return found
    }

    /// By certbot's number where the served leaf is one of the lineage's, else by notBefore; what is self-signed or
    /// expired is never newer.
    private func downgrade(to generation: Generation, from served: Served) -> Finding? {
        guard !served.isSelfSigned, served.notAfter >= now else { return nil }
        let isOlder: Bool
        if let new = generation.number, let old = served.generationNumber {
            isOlder = new < old
        } else {
            isOlder = generation.leaf.notBefore < served.notBefore
        }
        guard isOlder else { return nil }
        let from = served.notBefore.utc
        let to = generation.leaf.notBefore.utc
        return Finding(
            .downgradeRefused, "the lineage holds an older certificate (from \(to)) than the one served (from \(from))",
            remedy: "certbot links the newest one when it sees whether to renew: "
                + "certbot renew --cert-name \(generation.lineage)",
            location: generation.lineage.directory.string)
    }
}

extension Certificate {
    /// Whether a client may show it: the extended key usages name clientAuth, or there are none (RFC 5280, 4.2.1.12).
    fileprivate var allowsClientAuthentication: Bool { extendedKeyUsages == nil || isForClientAuthentication }

    /// Whether it was issued for clients too, which it says by naming clientAuth.
    var isForClientAuthentication: Bool { extendedKeyUsages?.contains("1.3.6.1.5.5.7.3.2") ?? false }
}
