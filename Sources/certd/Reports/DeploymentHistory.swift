import CertKit
import FoundationEssentials

/// Deployments of the past as they are shown: hostile text escaped.
///
/// The JSON document has additive changes only; `schema_version` changes when a reader would have to.
struct DeploymentHistory: Encodable {
    private let schemaVersion = 1
    /// The newest first.
    let deployments: [PastDeployment]

    private enum CodingKeys: String, CodingKey {
        case schemaVersion = "schema_version"
        case deployments
    }

    init(deployments: [PastDeployment]) { self.deployments = deployments.map(\.printable) }

    /// The document as JSON with a final newline.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }

    /// One line a deployment, and one more for what failed.
    func text() -> String {
        guard !deployments.isEmpty else { return "no deployment is on record\n" }
        let rows = [["WHEN", "LINEAGE", "OUTCOME", "OLD", "NEW", "STATIONS", "TOOK"]] + deployments.map(row)
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let messages = [nil] + deployments.map(\.message)
        return zip(rows, messages).map { row, message in
            var line = zip(row, widths).map { $0.padding(to: $1) }.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line + "\n" + (message.map { "  \($0)\n" } ?? "")
        }.joined()
    }

    private func row(_ past: PastDeployment) -> [String] {
        let stations = past.stations.isEmpty ? "-" : past.stations.joined(separator: ",")
        return [
            past.date.map { minuteTime($0) } ?? "-", past.lineage, past.outcome.rawValue, short(past.old),
            short(past.new), stations, "\(past.milliseconds) ms",
        ]
    }

    /// As much of a fingerprint as `certd status` shows.
    private func short(_ fingerprint: String?) -> String { fingerprint.map { String($0.prefix(8)) } ?? "-" }
}

extension PastDeployment {
    fileprivate var printable: PastDeployment {
        PastDeployment(
            at: at.printable, lineage: lineage.printable, outcome: outcome, old: old?.printable, new: new?.printable,
            stations: stations.map(\.printable), milliseconds: milliseconds, message: message?.printable)
    }
}
