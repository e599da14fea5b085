import CertKit
import FoundationEssentials

/// The document for a person: one line a lineage, worst first, then what is wrong and what to do.
struct StatusTable {
    let document: StatusDocument
    let now: Date

    /// The whole text with a final newline.
    func text() -> String {
        // Where all is well the last column would be empty, and 80 characters hold the rest.
        let hasProblem = document.lineages.contains { !$0.findings.isEmpty }
        let header = ["NAME", "STATE", "EXPIRES", "BUNDLE", "MEMORY", "WIRE", hasProblem ? "PROBLEM" : ""]
        let rows = document.lineages.isEmpty ? [] : [header] + document.lineages.map(row)
        let widths = header.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        var lines = rows.map { row in
            zip(row, widths).map { cell, width in cell.padding(to: width) }.joined(separator: "  ")
        }
        for lineage in document.lineages { lines += problems(lineage.findings, of: lineage.name) }
        lines += problems(document.findings, of: nil)
        if document.lineages.isEmpty { lines = Array(lines.drop(while: \.isEmpty)) }
        return lines.map { line in
            var line = line
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }

    private func row(_ lineage: LineageStatus) -> [String] {
        [
            lineage.name.printable, lineage.state,
            lineage.notAfter.map { "\(timeLeft(until: $0, from: now)) (\(minuteTime($0)))" } ?? "-",
            worst("bundle", of: lineage), worst("memory", of: lineage), worst("wire", of: lineage),
            lineage.findings.first.map(\.id) ?? "",
        ]
    }

    /// The state that is most to worry about; a dash where there is nothing to look at.
    private func worst(_ station: String, of lineage: LineageStatus) -> String {
        let ranks: [StationState] = [.notConfigured, .inSync, .unreachable, .missing, .stale]
        let states = lineage.stations.filter { $0.station == station }.compactMap { StationState(rawValue: $0.state) }
        let worst = ranks.last { states.contains($0) } ?? .notConfigured
        return worst == .notConfigured ? "-" : worst.rawValue
    }

    private func problems(_ findings: [FindingStatus], of name: String?) -> [String] {
        findings.flatMap { finding -> [String] in
            // Most messages name their file already.
            let place = finding.where.flatMap { finding.message.contains($0) ? nil : " (\($0))" } ?? ""
            let subject = name.map { $0.printable + ": " } ?? ""
            return [
                "", "\(finding.severity): \(subject)\(finding.id): \(finding.message)\(place)",
                "  fix: \(finding.remedy)",
            ]
        }
    }
}

extension String {
    /// Blanks behind it, up to this many characters.
    func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
