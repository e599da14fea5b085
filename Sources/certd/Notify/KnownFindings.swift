import CertKit
import FoundationEssentials

/// A finding that was told, as it was then.
struct KnownFinding: Codable, Equatable, Sendable {
    let lineage: String?
    let id: String
    let severity: String
    let message: String
    let remedy: String
    let `where`: String?
    /// When it was told last, in UTC, as ISO 8601 has it.
    var toldAt: String

    private enum CodingKeys: String, CodingKey {
        case lineage, id, severity, message, remedy
        case `where`
        case toldAt = "told_at"
    }

    init(_ finding: FindingStatus, of lineage: String?, at now: Date) {
        self.lineage = lineage
        (id, severity, message, remedy) = (finding.id, finding.severity, finding.message, finding.remedy)
        (`where`, toldAt) = (finding.where, now.utc)
    }

    fileprivate var rank: Severity { Severity(rawValue: severity) ?? .unknown }

    /// The same trouble, whatever its text says today: a time left is in some.
    fileprivate struct Identity: Hashable {
        let lineage: String?
        let id: String
        let place: String?
    }

    fileprivate var identity: Identity { Identity(lineage: lineage, id: id, place: `where`) }

    /// Whether it was told a day ago; what cannot be read as a time was told long ago, and so was what the future holds.
    fileprivate func isDue(at now: Date) -> Bool {
        guard let told = Date(utc: toldAt), told <= now else { return true }
        return now.timeIntervalSince(told) >= 24 * 60 * 60
    }
}

/// All that were told and have not gone since.
struct KnownFindings: Codable, Equatable, Sendable {
    var findings: [KnownFinding] = []

    /// What is to be told of `document`, and what is known once it was.
    ///
    /// What cannot be seen now has not gone: a finding stays known while its lineage cannot be read.
    func news(in document: StatusDocument, at now: Date) -> (told: [ToldFinding], known: KnownFindings) {
        let present = document.knownFindings(at: now)
        let before = Dictionary(findings.map { ($0.identity, $0) }) { first, _ in first }
        var told: [ToldFinding] = []
        var known: [KnownFinding] = []
        for finding in present where finding.rank > .ok {
            var finding = finding
            switch before[finding.identity] {
            case nil: told.append(ToldFinding(.new, finding))
            case let old? where old.rank < finding.rank: told.append(ToldFinding(.new, finding))
            case let old? where old.rank > finding.rank: told.append(ToldFinding(.eased, finding))
            case let old? where old.isDue(at: now): told.append(ToldFinding(.still, finding))
            case let old?: finding.toldAt = old.toldAt
            }
            known.append(finding)
        }
        let here = Set(present.map(\.identity))
        for gone in findings where !here.contains(gone.identity) {
            if document.tells(of: gone) { told.append(ToldFinding(.cleared, gone)) } else { known.append(gone) }
        }
        return (told.worstFirst, KnownFindings(findings: known))
    }
}

extension [ToldFinding] {
    fileprivate var worstFirst: [ToldFinding] {
        func rank(_ finding: ToldFinding) -> Severity {
            finding.change == .cleared ? .ok : Severity(rawValue: finding.severity) ?? .unknown
        }
        return sorted { (rank($1), $0.lineage ?? "", $0.id) < (rank($0), $1.lineage ?? "", $1.id) }
    }
}

extension StatusDocument {
    fileprivate func knownFindings(at now: Date) -> [KnownFinding] {
        let ofLineages = lineages.flatMap { lineage in
            lineage.findings.map { KnownFinding($0, of: lineage.name, at: now) }
        }
        return ofLineages + findings.map { KnownFinding($0, of: nil, at: now) }
    }

    /// Whether `finding` would be here if it still held: not where its lineage could not be read, or none could be.
    fileprivate func tells(of finding: KnownFinding) -> Bool {
        guard let name = finding.lineage else { return !findings.contains(where: \.hides) }
        let lineage = lineages.first { $0.name == name }
        return !(lineage?.findings ?? findings).contains(where: \.hides)
    }
}

extension FindingStatus {
    /// Whether it may keep other findings from being seen.
    fileprivate var hides: Bool { rank == .unknown || id == FindingID.fileUnreadable.rawValue }
}
