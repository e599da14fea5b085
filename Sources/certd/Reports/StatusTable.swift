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
        var text = ""
        write { text += $0 }
        return text
    }

    /// Hands over the text line by line, each with its end: the table of 100,000 lineages is never held whole.
    func write(to take: (String) -> Void) {
        // Where all is well the last column would be empty, and 80 characters hold the rest.
        let hasProblem = document.lineages.contains { !$0.findings.isEmpty }
        let header =
            (isWide
                ? ["NAME", "STATE", "LEFT", "USED", "EXPIRES", "ISSUER", "KEY", "BUNDLE", "MEMORY", "WIRE"]
                : ["NAME", "STATE", "EXPIRES", "BUNDLE", "MEMORY", "WIRE"]) + [hasProblem || isWide ? "PROBLEM" : ""]
        if !document.lineages.isEmpty { writeRows(under: header, to: take) }
        // Without a table nothing is to be set apart from it.
        var isFirst = document.lineages.isEmpty
        func write(_ findings: [FindingStatus], of name: String?) {
            for finding in findings {
                if !isFirst { take("\n") }
                isFirst = false
                for line in finding.lines(of: name, painter: painter) { take(line.ended) }
            }
        }
        for lineage in document.lineages { write(lineage.findings, of: lineage.name) }
        write(document.findings, of: nil)
        if document.source == .daemon { take(isFirst ? "seen by the daemon\n" : "\nseen by the daemon\n") }
    }

    private func writeRows(under header: [String], to take: (String) -> Void) {
        var hasDate = true
        var widths = self.widths(under: header, dates: true)
        if let width, widths.reduce(0, +) + 2 * (widths.count - 1) > width {
            // What is left tells more than the date that it leads to.
            hasDate = false
            widths = self.widths(under: header, dates: false)
        }
        take(line(header, widths, nil))
        for lineage in document.lineages { take(line(row(lineage, hasDate: hasDate), widths, lineage.severity)) }
    }

    private func line(_ cells: [String], _ widths: [Int], _ severity: Severity?) -> String {
        var line = ""
        let last = cells.lastIndex { !$0.isEmpty } ?? 0
        for column in 0...last {
            let cell = cells[column]
            // The second column is the state.
            line += column == 1 ? severity.map { painter.paint(cell, $0) } ?? cell : cell
            if column < last { line += String(repeating: " ", count: widths[column] + 2 - cell.width) }
        }
        return line.ended
    }

    private func widths(under header: [String], dates: Bool) -> [Int] {
        var widths = header.map(\.width)
        for lineage in document.lineages {
            let row = row(lineage, hasDate: dates, end: widthOfEnd)
            for column in row.indices { widths[column] = max(widths[column], row[column].width) }
        }
        return widths
    }

    /// Something as wide as the end of a lineage: a moment of a year with four digits always takes the same room.
    private func widthOfEnd(_ date: Date) -> String {
        let years = -30_000_000_000.0..<250_000_000_000
        return years.contains(date.timeIntervalSince1970) ? "0000-00-00 00:00Z" : minuteTime(date)
    }

    private func row(
        _ lineage: LineageStatus, hasDate: Bool, end: (Date) -> String = minuteTime
    ) -> [String] {
        let stations = [worst("bundle", of: lineage), worst("memory", of: lineage), worst("wire", of: lineage)]
        let problem = lineage.findings.first.map(\.id) ?? ""
        let left = lineage.notAfter.map { timeLeft(until: $0, from: now) } ?? "-"
        let end = lineage.notAfter.map(end) ?? "-"
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
        guard !lineage.stations.isEmpty else { return "-" }
        let ranks: [StationState] = [.notConfigured, .inSync, .unreachable, .missing, .stale]
        let states = lineage.stations.filter { $0.station == station }.compactMap { StationState(rawValue: $0.state) }
        let worst = ranks.last { states.contains($0) } ?? .notConfigured
        return worst == .notConfigured ? "-" : worst.rawValue
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
        guard text.hasTwoBlanks else { return text }
        while text.contains("  ") { text = text.replacing("  ", with: "\\u{20} ") }
        return text
    }

    private var hasTwoBlanks: Bool {
        var wasBlank = false
        for byte in utf8 {
            let isBlank = byte == UInt8(ascii: " ")
            if isBlank, wasBlank { return true }
            wasBlank = isBlank
        }
        return false
    }

    /// The characters that it takes; nearly every text is plain ASCII, of which a carriage return is no part here.
    fileprivate var width: Int { utf8.allSatisfy { (0x20...0x7e).contains($0) } ? utf8.count : count }

    /// As a line, without the blanks behind it.
    fileprivate var ended: String {
        var line = self
        while line.utf8.last == UInt8(ascii: " ") { line.removeLast() }
        return line + "\n"
    }

    /// Blanks behind it, up to this many characters.
    func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
