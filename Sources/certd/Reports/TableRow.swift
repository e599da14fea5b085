import CertKit

/// One row of a table, put together byte by byte in memory that the next row uses again: of 100,000 rows each is made
/// twice, to measure the columns and to print.
struct TableRow {
    private var bytes: [UInt8] = []
    /// Where each cell ends, and the characters that it takes.
    private(set) var cells: [(end: Int, width: Int)] = []

    /// Begins anew.
    mutating func clear() {
        bytes.removeAll(keepingCapacity: true)
        cells.removeAll(keepingCapacity: true)
    }

    /// Adds a cell; two blanks in a row, which would look like its end, are shown as what they are.
    mutating func add(_ text: String) {
        let start = bytes.count
        if append(plain: text.utf8Span.span) {
            cells.append((bytes.count, bytes.count - start))
        } else {
            bytes.removeSubrange(start...)
            var shown = text.printable
            while shown.contains("  ") { shown = shown.replacing("  ", with: "\\u{20} ") }
            bytes.append(contentsOf: shown.utf8)
            cells.append((bytes.count, shown.count))
        }
    }

    /// Whether `text` is as nearly all are: visible ASCII with single blanks.
    private mutating func append(plain text: Span<UInt8>) -> Bool {
        var previous: UInt8 = 0
        for index in text.indices {
            let byte = text[index]
            guard (0x20...0x7e).contains(byte), byte != UInt8(ascii: " ") || byte != previous else { return false }
            previous = byte
            bytes.append(byte)
        }
        return true
    }

    /// Adds a cell of plain ASCII that `write` puts together.
    mutating func add(_ write: (inout [UInt8]) -> Void) {
        let start = bytes.count
        write(&bytes)
        cells.append((bytes.count, bytes.count - start))
    }

    /// Makes `widths` wide enough.
    func widen(_ widths: inout [Int]) {
        for column in cells.indices { widths[column] = max(widths[column], cells[column].width) }
    }

    /// Puts the row behind `text`, without the blanks at its end; the second column in the colour that `painter` has for
    /// `severity`.
    func write(to text: inout [UInt8], _ widths: [Int], _ painter: Painter, _ severity: Severity?) {
        let filled = cells.lastIndex { $0.width > 0 } ?? -1
        var start = 0
        for column in 0..<filled + 1 {
            let cell = cells[column]
            if column == 1, let severity, painter.isOn {
                text += painter.paint(String(decoding: bytes[start..<cell.end], as: UTF8.self), severity).utf8
            } else {
                text.append(contentsOf: bytes[start..<cell.end])
            }
            if column < filled {
                for _ in cell.width..<widths[column] + 2 { text.append(UInt8(ascii: " ")) }
            }
            start = cell.end
        }
        while text.last == UInt8(ascii: " ") { text.removeLast() }
        text.append(UInt8(ascii: "\n"))
    }
}
