import CertKit
import FoundationEssentials

/// What a person is told of without having asked: what has come, what has gone, and once a day what is still there.
struct Notification: Encodable, Sendable {
    let schemaVersion = 1
    /// The host that tells.
    let host: String
    /// The worst there is now, whether it is told of again or not.
    let state: String
    let checkedAt: String
    /// Worst first; what has gone comes last.
    let findings: [ToldFinding]

    enum CodingKeys: String, CodingKey {
        case schemaVersion = "schema_version"
        case host, state
        case checkedAt = "checked_at"
        case findings
    }

    /// One line of JSON with its end.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self).escapingUnprintables + "\n"
    }
}

/// A finding with what has become of it.
struct ToldFinding: Encodable, Equatable, Sendable {
    enum Change: String, Encodable, Sendable {
        /// It was not there before, or not as bad.
        case new
        /// It is less bad than it was.
        case eased
        /// It was told a day ago and nothing has changed.
        case still
        /// It is not there any more.
        case cleared
    }

    let change: Change
    /// The name of its lineage; nil for what concerns no single one.
    let lineage: String?
    let id: String
    let severity: String
    let message: String
    let remedy: String
    let `where`: String?

    init(_ change: Change, _ known: KnownFinding) {
        self.change = change
        (lineage, id, severity) = (known.lineage, known.id, known.severity)
        (message, remedy, `where`) = (known.message, known.remedy, known.where)
    }
}
