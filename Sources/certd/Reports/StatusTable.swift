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

    /// Hands over the text in pieces: the table of 100,000 lineages is never held whole.
    func write(to take: (String) -> Void) {
        var piece: [UInt8] = []
        if !document.lineages.isEmpty {
            writeRows(to: &piece) { piece in
                take(String(decoding: piece, as: UTF8.self))
                piece.removeAll(keepingCapacity: true)
            }
        }
        take(String(decoding: piece, as: UTF8.self))
        // Without a table nothing is to be set apart from it.
        var isFirst = document.lineages.isEmpty
        func write(_ findings: [FindingStatus], of name: String?) {
            for finding in findings {
                if !isFirst { take("\n") }
                isFirst = false
                for line in finding.lines(of: name, painter: painter) { take(line.ended) }
            }
        }
        for lineage in document.lineages where !lineage.findings.isEmpty { write(lineage.findings, of: lineage.name) }
        write(document.findings, of: nil)
        if document.source == .daemon { take(isFirst ? "seen by the daemon\n" : "\nseen by the daemon\n") }
    }

    private static let pieceSize = 16_384

    private func writeRows(to piece: inout [UInt8], handingOver handOver: (inout [UInt8]) -> Void) {
        var row = TableRow()
        var hasDate = true
        var widths = self.widths(dates: true, by: &row)
        if let width, widths.reduce(0, +) + 2 * (widths.count - 1) > width {
            // What is left tells more than the date that it leads to.
            hasDate = false
            widths = self.widths(dates: false, by: &row)
        }
        fill(&row, with: header)
        row.write(to: &piece, widths, painter, nil)
        for lineage in document.lineages {
            fill(&row, with: lineage, hasDate: hasDate) { date, text in text.append(minuteOf: date) }
            row.write(to: &piece, widths, painter, lineage.severity)
            if piece.count >= Self.pieceSize { handOver(&piece) }
        }
    }

    private var header: [String] {
        // Where all is well the last column would be empty, and 80 characters hold the rest.
        let hasProblem = document.lineages.contains { !$0.findings.isEmpty }
        return
            (isWide
            ? ["NAME", "STATE", "LEFT", "USED", "EXPIRES", "ISSUER", "KEY", "BUNDLE", "MEMORY", "WIRE"]
            : ["NAME", "STATE", "EXPIRES", "BUNDLE", "MEMORY", "WIRE"]) + [hasProblem || isWide ? "PROBLEM" : ""]
    }

    private func widths(dates: Bool, by row: inout TableRow) -> [Int] {
        fill(&row, with: header)
        var widths = row.cells.map(\.width)
        for lineage in document.lineages {
            fill(&row, with: lineage, hasDate: dates, puttingEnd: putWidthOfEnd)
            row.widen(&widths)
        }
        return widths
    }

    /// Puts something as wide as the end of a lineage: a moment of a year with four digits always takes the same room.
    private func putWidthOfEnd(_ date: Date, _ text: inout [UInt8]) {
        let years = -30_000_000_000.0..<250_000_000_000
        if years.contains(date.timeIntervalSince1970) {
            text.append(text: "0000-00-00 00:00Z")
        } else {
            text.append(minuteOf: date)
        }
    }

    private func fill(_ row: inout TableRow, with cells: [String]) {
        row.clear()
        for cell in cells { row.add(cell) }
    }

    private func fill(
        _ row: inout TableRow, with lineage: LineageStatus, hasDate: Bool,
        puttingEnd putEnd: (Date, inout [UInt8]) -> Void
    ) {
        row.clear()
        row.add(lineage.name)
        row.add(lineage.state)
        if isWide {
            row.add { text in put(timeLeftOf: lineage, to: &text) }
            row.add(used(lineage))
            row.add { text in if let end = lineage.notAfter { putEnd(end, &text) } else { text.append(text: "-") } }
            let leaf = lineage.leaf
            // A distinguished name is long, and nearly all differ in the common name alone.
            row.add(leaf.map { $0.issuerCommonName.isEmpty ? $0.issuer : $0.issuerCommonName } ?? "-")
            row.add(leaf?.key ?? "-")
        } else {
            row.add { text in
                put(timeLeftOf: lineage, to: &text)
                guard hasDate, let end = lineage.notAfter else { return }
                text.append(text: " (")
                putEnd(end, &text)
                text.append(text: ")")
            }
        }
        for station in ["bundle", "memory", "wire"] { row.add(worst(station, of: lineage)) }
        row.add(lineage.findings.first?.id ?? "")
    }

    private func put(timeLeftOf lineage: LineageStatus, to text: inout [UInt8]) {
        guard let end = lineage.notAfter else { return text.append(text: "-") }
        text.append(timeLeftUntil: end, from: now)
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
    /// As a line, without the blanks behind it.
    fileprivate var ended: String {
        var line = self
        while line.utf8.last == UInt8(ascii: " ") { line.removeLast() }
        return line + "\n"
    }

    /// Blanks behind it, up to this many characters.
    func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
