import CertKit
import FoundationEssentials
import Glibc
import SystemPackage

/// What the running daemon sees, for whoever may not read the keys: judged by the caller's own thresholds and hosts.
struct SecondSight {
    let settings: Settings
    let groups: Set<FindingGroup>
    let hosts: [String]
    /// Whether the caller named trust anchors of its own, by which the daemon did not judge.
    let ignoresTrust: Bool
    /// How long the daemon may look.
    static let limit = Duration.seconds(60)

    /// The daemon's document on the lineages `names`, or all; without a daemon, `blind` and what to do about it.
    ///
    /// - Throws: ``LineageOperandError`` for a name that the daemon does not know.
    func document(instead blind: StatusDocument, of names: [String], at now: Date) async throws -> StatusDocument {
        let seen: StatusDocument?
        do {
            seen = try await DaemonClient(settings).status(within: SecondSight.limit)
        } catch let error as HandOverError {
            return blind.adding(
                FindingStatus(
                    Finding(
                        .fileUnreadable,
                        "this user may not read the private keys, and the daemon does not help: \(error)",
                        remedy: error.remedy)), at: now)
        }
        guard let seen else {
            let socket = DaemonSocket.path(in: settings.runtime)
            return blind.adding(
                FindingStatus(
                    Finding(
                        .fileUnreadable, "this user may not read the private keys, and no daemon answers at \(socket)",
                        remedy: "have it look: systemctl start certd; or run it as root: sudo certd check",
                        location: socket.string)), at: now)
        }
        let lineages = try chosen(seen.lineages, names).map { judged($0, at: now) }
        var findings = seen.findings.filter(isWanted)
        if ignoresTrust {
            findings.append(
                FindingStatus(
                    Finding(
                        .configurationInvalid, "the daemon judges by its own trust anchors, not by those of --trust",
                        remedy:
                            "run it as root: sudo certd check --trust FILE; or name them in certd.toml: [check] trust"))
            )
        }
        return StatusDocument(lineages: lineages, findings: findings, at: now, from: .daemon)
    }

    private func chosen(_ lineages: [LineageStatus], _ names: [String]) throws -> [LineageStatus] {
        guard !names.isEmpty else { return lineages }
        return try names.map { name throws(LineageOperandError) in
            if let found = lineages.first(where: { $0.name == name || $0.path == "\(name)/fullchain.pem" }) {
                return found
            }
            throw .unknown(
                name, nearest: nearest(to: name, among: lineages.map(\.name)),
                live: settings.letsencrypt.appending("live"))
        }
    }

    /// With the findings that depend on the caller made anew.
    private func judged(_ lineage: LineageStatus, at now: Date) -> LineageStatus {
        guard let leaf = lineage.leaf, let start = lineage.notBefore, let end = lineage.notAfter else { return lineage }
        // Of what was deleted nothing is expected any more.
        if lineage.findings.contains(where: { $0.id == FindingID.lineageRemoved.rawValue }) {
            return lineage.with(findings: lineage.findings.filter(isWanted))
        }
        let place = lineage.path ?? lineage.name
        let anew: Set<String> = Set([FindingID.expired, .expiring, .notYetValid].map(\.rawValue))
        let dates = timeFindings(
            notBefore: start, notAfter: end, on: now, thresholds: settings.check.thresholds, location: place)
        let uncovered = hosts.filter { !isCovered($0, byNames: leaf.names) }
        let names = uncovered.isEmpty ? [] : [Finding.uncovered(uncovered, location: place)]
        let findings =
            lineage.findings.filter { !anew.contains($0.id) }
            + (dates + names).map { FindingStatus($0, of: lineage.name) }
        return lineage.with(findings: findings.filter(isWanted))
    }

    /// Findings of a newer daemon are of no group that this command knows, and told.
    private func isWanted(_ finding: FindingStatus) -> Bool {
        guard let group = FindingID(rawValue: finding.id)?.group else { return true }
        return group == .program || groups.contains(group)
    }
}

extension StatusDocument {
    /// Whether something could not be read for lack of rights, so that somebody else sees more.
    var mayNotRead: Bool {
        guard geteuid() != 0 else { return false }
        return (lineages.flatMap(\.findings) + findings).contains { $0.id == FindingID.fileUnreadable.rawValue }
    }

    fileprivate func adding(_ finding: FindingStatus, at now: Date) -> StatusDocument {
        StatusDocument(lineages: lineages, findings: findings + [finding], at: now, from: source)
    }
}
