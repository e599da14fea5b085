import CertKit
import FoundationEssentials

/// All points of a set-up, for a person and for programs.
struct DoctorReport: Codable, Equatable, Sendable {
    /// A reader refuses a version that it does not know; new keys do not change it.
    var schemaVersion = 1
    /// The worst of the points.
    let state: SetupPoint.Verdict
    let points: [SetupPoint]

    private enum CodingKeys: String, CodingKey {
        case schemaVersion = "schema_version"
        case state, points
    }

    init(_ points: [SetupPoint]) {
        self.points = points
        state = [.problem, .warning].first { state in points.contains { $0.state == state } } ?? .ok
    }

    /// The report as JSON with a final newline.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self).escapingUnprintables + "\n"
    }

    /// A line a point with its remedy below it, and a line that counts.
    func text(_ painter: Painter) -> String {
        let width = points.map(\.point.count).max() ?? 0
        var lines: [String] = []
        for point in points {
            let word = painter.paint(point.state.rawValue.padding(to: 7), point.state.severity)
            lines.append("\(word)  \(point.point.padding(to: width))  \(point.message.printable)")
            for line in (point.remedy ?? "").split(separator: "\n") {
                lines.append("         \("".padding(to: width))  fix: \(String(line).printable)")
            }
        }
        lines.append(summary)
        return lines.joined(separator: "\n") + "\n"
    }

    private var summary: String {
        let counts = SetupPoint.Verdict.allCases.compactMap { verdict -> String? in
            let count = points.count { $0.state == verdict }
            return count > 0 ? verdict.counted(count) : nil
        }
        return "\(points.count) \(points.count == 1 ? "point" : "points"): \(counts.joined(separator: ", "))"
    }
}

extension SetupPoint.Verdict {
    fileprivate var severity: Severity {
        switch self {
        case .ok: .ok
        case .warning: .warning
        case .problem: .critical
        case .skipped: .unknown
        }
    }
}

extension SetupPoint.Verdict {
    /// `14 ok`, `2 problems`.
    fileprivate func counted(_ count: Int) -> String {
        let isNoun = self == .warning || self == .problem
        return "\(count) \(rawValue)\(isNoun && count > 1 ? "s" : "")"
    }
}
