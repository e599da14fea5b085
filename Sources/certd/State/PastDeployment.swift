import CertKit
import FoundationEssentials

/// One deployment as `certd history` tells it: a line in the state directory, and a member of the JSON answer.
struct PastDeployment: Codable, Equatable, Sendable {
    enum Outcome: String, Codable, Sendable {
        case deployed, failed
    }

    /// In UTC, as ISO 8601 has it.
    let at: String
    /// The name of the lineage.
    let lineage: String
    let outcome: Outcome
    /// SHA-256 of the leaf that was served before, as far as it was known.
    var old: String?
    /// SHA-256 of the leaf that was deployed; nil after a failure.
    var new: String?
    /// The stations that did not show it.
    var stations: [String] = []
    let milliseconds: Int
    /// What went wrong.
    var message: String?
}

extension PastDeployment {
    /// A longer message is cut, in characters: what a program printed can be in it.
    private static let messageLimit = 600

    /// A deployment that changed something, at `now`.
    init(_ report: DeploymentReport, at now: Date) {
        self.init(
            at: now.utc, lineage: report.lineage, outcome: .deployed, old: report.previous?.description,
            new: report.leaf.fingerprint.description, stations: report.differences.map(\.station).withoutRepetitions,
            milliseconds: report.duration.milliseconds)
    }

    /// A deployment that failed after `duration`, at `now`.
    init(failure: any Error, of lineage: Lineage, after duration: Duration, at now: Date) {
        self.init(
            at: now.utc, lineage: lineage.name, outcome: .failed, milliseconds: duration.milliseconds,
            message: String("\(failure)".about(lineage.name).prefix(PastDeployment.messageLimit)))
    }

    /// When it was; nil for a line that certd has not written.
    var date: Date? { Date(utc: at) }
}
