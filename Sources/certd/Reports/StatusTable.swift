import CertKit
import FoundationEssentials

/// The document for a person: one line a lineage, worst first, then what is wrong and what to do.
struct StatusTable {
    let document: StatusDocument
    let now: Date
    /// Whether what is left, what is used, the issuer and the key have columns of their own.
    var isWide = false
    var painter = Painter.plain
    /// The columns of the terminal; nil where nothing is to be shortened for one.
    var width: Int?

    /// The whole text with a final newline.
    func text() -> String {
        // Where all is well the last column would be empty, and 80 characters hold the rest.
        let hasProblem = document.lineages.contains { !$0.findings.isEmpty }
        let header =
            (isWide
                ? ["NAME", "STATE", "LEFT", "USED", "EXPIRES", "ISSUER", "KEY", "BUNDLE", "MEMORY", "WIRE"]
                : ["NAME", "STATE", "EXPIRES", "BUNDLE", "MEMORY", "WIRE"]) + [hasProblem || isWide ? "PROBLEM" : ""]
        var rows = self.rows(header, dates: true)
        var widths = self.widths(rows)
        if let width, widths.reduce(0, +) + 2 * (widths.count - 1) > width {
            // What is left tells more than the date that it leads to.
            rows = self.rows(header, dates: false)
            widths = self.widths(rows)
        }
        let severities = [nil] + document.lineages.map { Optional($0.severity) }
        var lines = zip(rows, severities).map { row, severity in
            zip(row, widths).enumerated().map { column, cell in
                let text = cell.0.padding(to: cell.1)
                // The second column is the state.
                guard column == 1, let severity else { return text }
                return painter.paint(cell.0, severity) + text.dropFirst(cell.0.count)
            }.joined(separator: "  ")
        }
        for lineage in document.lineages { lines += problems(lineage.findings, of: lineage.name) }
        lines += problems(document.findings, of: nil)
        if document.source == .daemon { lines += ["", "seen by the daemon"] }
        if document.lineages.isEmpty { lines = Array(lines.drop(while: \.isEmpty)) }
        return lines.map { line in
            var line = line
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }

    private func rows(_ header: [String], dates: Bool) -> [[String]] {
        document.lineages.isEmpty ? [] : [header] + document.lineages.map { row($0, hasDate: dates) }
    }

    private func widths(_ rows: [[String]]) -> [Int] {
        (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    }

    private func row(_ lineage: LineageStatus, hasDate: Bool) -> [String] {
        let stations = [worst("bundle", of: lineage), worst("memory", of: lineage), worst("wire", of: lineage)]
        let problem = lineage.findings.first.map(\.id) ?? ""
        let left = lineage.notAfter.map { timeLeft(until: $0, from: now) } ?? "-"
        let end = lineage.notAfter.map { minuteTime($0) } ?? "-"
        let start = [lineage.name.cell, lineage.state]
        guard isWide else {
            return start + [left == "-" || !hasDate ? left : "\(left) (\(end))"] + stations + [problem]
        }
        let leaf = lineage.leaf
        // A distinguished name is long, and nearly all differ in the common name alone.
        let issuer = leaf.map { $0.issuerCommonName.isEmpty ? $0.issuer : $0.issuerCommonName } ?? "-"
        return start + [left, used(lineage), end, issuer.cell, leaf?.key ?? "-"] + stations + [problem]
    }

    /// The part of the lifetime that is over, rounded down.
    private func used(_ lineage: LineageStatus) -> String {
        guard let start = lineage.notBefore, let end = lineage.notAfter else { return "-" }
        let part = now.timeIntervalSince(start) / max(end.timeIntervalSince(start), 1)
        return "\(Int((min(max(part, 0), 1) * 100).rounded(.down)))%"
    }

    /// The state that is most to worry about; a dash where there is nothing to look at.
    private func worst(_ station: String, of lineage: LineageStatus) -> String {
        let ranks: [StationState] = [.notConfigured, .inSync, .unreachable, .missing, .stale]
        let states = lineage.stations.filter { $0.station == station }.compactMap { StationState(rawValue: $0.state) }
        let worst = ranks.last { states.contains($0) } ?? .notConfigured
        return worst == .notConfigured ? "-" : worst.rawValue
    }

    private func problems(_ findings: [FindingStatus], of name: String?) -> [String] {
        findings.flatMap { finding in [""] + finding.lines(of: name, painter: painter) }
    }
}

extension FindingStatus {
    /// The finding and its remedy for a person.
    ///
    /// The place is left out where it is `known`, or the message names it already, as most do.
    func lines(of name: String?, at known: String? = nil, painter: Painter) -> [String] {
        let place = `where`.flatMap { message.contains($0) || $0 == known ? nil : " (\($0))" } ?? ""
        let subject = name.map { $0.printable + ": " } ?? ""
        return ["\(painter.paint(severity, rank)): \(subject)\(id): \(message)\(place)", "  fix: \(remedy)"]
    }
}

extension String {
    /// As a cell of the table: two blanks in a row, which would look like its end, are shown as what they are.
    fileprivate var cell: String {
        var text = printable
        while text.contains("  ") { text = text.replacing("  ", with: "\\u{20} ") }
        return text
    }

    /// Blanks behind it, up to this many characters.
    func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
