/// Goes through a PEM text line by line, once, and finds its blocks.
struct PEMScanner {
    /// Why no further block can be had.
    enum Failure: Error {
        /// A rule that the text breaks, and the line where it does.
        case fault(PEMFault, line: Int)
        /// A block under a passphrase (RFC 1421 headers), and the line of its BEGIN.
        case encrypted(line: Int)
    }

    /// Labels end up in messages; the longest that OpenSSL writes has 24 characters.
    private static let longestLabel = 64

    /// Where the next line begins.
    private(set) var position: Int
    private var line = 0

    init(_ text: Span<UInt8>) {
        position = text.starts(with: "\u{FEFF}", in: 0..<text.count) ? 3 : 0
    }

    /// Whether nothing is left of the text.
    func isAtEnd(of text: Span<UInt8>) -> Bool { position == text.count }

    /// The next block, or nil at the end of the text.
    mutating func nextBlock(in text: Span<UInt8>) throws(Failure) -> PEMBlock? {
        while let content = nextLine(in: text) {
            switch try boundary(content, in: text) {
            case nil: continue
            case .end: throw .fault(.endWithoutBegin, line: line)
            case .begin(let label): return try block(label, in: text)
            }
        }
        return nil
    }

    /// Reads from the line after BEGIN to the END line.
    private mutating func block(_ label: Range<Int>, in text: Span<UInt8>) throws(Failure) -> PEMBlock {
        let first = line
        let start = position
        while true {
            let bodyEnd = position
            guard let content = nextLine(in: text) else { throw .fault(.beginWithoutEnd, line: first) }
            if line == first + 1, text.starts(with: "Proc-Type:", in: content),
                text.firstIndex(of: "ENCRYPTED", in: content) != nil
            {
                throw .encrypted(line: first)
            }
            // Nearly every line is base64, which holds no hyphen: one look at its first byte is enough here, since the
            // decoder refuses a hyphen anywhere else.
            guard content.isEmpty || text[content.lowerBound] == UInt8(ascii: "-") else { continue }
            guard !content.isEmpty else { throw .fault(.blankLine, line: line) }
            switch try boundary(content, in: text) {
            case nil: throw .fault(.notBase64, line: line)
            case .begin: throw .fault(.beginWithoutEnd, line: first)
            case .end(let name):
                guard text.equals(label, text, name) else { throw .fault(.endOfAnotherLabel, line: line) }
                guard bodyEnd > start else { throw .fault(.emptyBody, line: first) }
                return PEMBlock(label: text.text(label), line: first, body: start..<bodyEnd)
            }
        }
    }

    /// The next line without its end: LF or CRLF, and blanks before it.
    private mutating func nextLine(in text: Span<UInt8>) -> Range<Int>? {
        guard position < text.count else { return nil }
        let start = position
        var end = text.firstIndex(of: UInt8(ascii: "\n"), in: start..<text.count) ?? text.count
        position = min(end + 1, text.count)
        line += 1
        if end > start, text[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        while end > start, text[end - 1] == UInt8(ascii: " ") || text[end - 1] == UInt8(ascii: "\t") { end -= 1 }
        return start..<end
    }

    private static let begin: StaticString = "-----BEGIN "
    private static let end: StaticString = "-----END "

    private enum Boundary {
        case begin(Range<Int>)
        case end(Range<Int>)
    }

    /// Tells a BEGIN or END line, which must stand alone, from every other line, which must hold neither.
    private func boundary(_ content: Range<Int>, in text: Span<UInt8>) throws(Failure) -> Boundary? {
        let begins = text.starts(with: Self.begin, in: content)
        guard begins || text.starts(with: Self.end, in: content) else {
            guard text.firstIndex(of: Self.begin, in: content) ?? text.firstIndex(of: Self.end, in: content) == nil
            else { throw .fault(carriageReturn(in: content, of: text) ?? .crowdedBoundary, line: line) }
            return nil
        }
        let labelStart = content.lowerBound + (begins ? Self.begin : Self.end).utf8CodeUnitCount
        guard text.starts(with: "-----", in: max(labelStart, content.upperBound - 5)..<content.upperBound),
            content.upperBound - 5 - labelStart <= Self.longestLabel
        else { throw .fault(carriageReturn(in: content, of: text) ?? .crowdedBoundary, line: line) }
        let label = labelStart..<(content.upperBound - 5)
        // RFC 7468: a label is printable and holds no hyphen beside its end, so two glued boundaries are none.
        for index in label where !(0x20...0x7e).contains(text[index]) || text[index] == UInt8(ascii: "-") {
            throw .fault(carriageReturn(in: content, of: text) ?? .crowdedBoundary, line: line)
        }
        return begins ? .begin(label) : .end(label)
    }

    /// A carriage return within a line is most often the whole trouble: a file from long ago, without one line feed.
    private func carriageReturn(in content: Range<Int>, of text: Span<UInt8>) -> PEMFault? {
        text.firstIndex(of: UInt8(ascii: "\r"), in: content) == nil ? nil : .bareCarriageReturn
    }
}
