/// Walks over what stands outside of strings and comments, and stops where TOMLKit's parser would end the process.
///
/// toml++ 3.4.0 asserts what a typo can break: that a name follows the bracket of a header, that no `}` stands where a
/// list's member belongs, that digits follow a sign and the `T` of a date. So these are refused before it sees them;
/// dates and floats with exponents are among them altogether, since no key takes one.
struct TOMLWalk {
    private let bytes: [UInt8]
    private var position = 0
    /// The brackets and braces that are open.
    private var open: [UInt8] = []
    /// What stands before, blanks and comments passed over: a mark of punctuation, a line's end, or a quote or letter
    /// for a string or word.
    private var previous = UInt8(ascii: "\n")
    /// The line that is looked at, from 1.
    private(set) var line = 1

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// What is wrong on ``line``; nil when the end is reached.
    mutating func firstHazard() -> String? {
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
        while let byte = next {
            switch byte {
            case UInt8(ascii: "#"): skip { $0 != UInt8(ascii: "\n") }
            case UInt8(ascii: "\""), UInt8(ascii: "'"): skipString(quotedBy: byte)
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): position += 1
            case _ where byte.belongsToWord:
                if let hazard = hazardInWord() { return hazard }
            default:
                if let hazard = hazard(in: byte) { return hazard }
            }
        }
        return nil
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// Whether a list has begun or goes on here.
    private var isBeforeMember: Bool {
        open.last == UInt8(ascii: "[") && (previous == UInt8(ascii: "[") || previous == UInt8(ascii: ","))
    }

    private var isBeforeValue: Bool { previous == UInt8(ascii: "=") || isBeforeMember }

    private mutating func skip(while condition: (UInt8) -> Bool) {
        while let byte = next, condition(byte) { position += 1 }
    }

    /// Passes over a mark of punctuation or a line's end.
    private mutating func hazard(in byte: UInt8) -> String? {
        position += 1
        switch byte {
        case UInt8(ascii: "\n"):
            line += 1
            // Within brackets a line's end is a blank.
            if !open.isEmpty { return nil }
        case UInt8(ascii: "[") where open.isEmpty && previous == UInt8(ascii: "\n"):
            if next == byte { position += 1 }
            skip { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            guard let first = next, first.isNameCharacter || first.isQuote else { return "no name after the bracket" }
        case UInt8(ascii: "["), UInt8(ascii: "{"): open.append(byte)
        case UInt8(ascii: "}") where isBeforeMember: return "a brace where a list's member belongs"
        case UInt8(ascii: "]"), UInt8(ascii: "}"): _ = open.popLast()
        case UInt8(ascii: "="), UInt8(ascii: ","): break
        default: return "a character that belongs into a string"
        }
        previous = byte
        return nil
    }

    /// Passes over a key, a number or the like.
    private mutating func hazardInWord() -> String? {
        let start = position
        skip(while: \.belongsToWord)
        defer { previous = UInt8(ascii: "a") }
        guard isBeforeValue else { return nil }
        let word = bytes[(bytes[start].isSign ? start + 1 : start)..<position]
        let isPlain = !word.isEmpty && !word.contains { $0.isSign || $0 == UInt8(ascii: ":") }
        return isPlain ? nil : "a value that no key takes"
    }

    /// Passes over a string; over the rest of the text where it has no end, which the parser says itself.
    private mutating func skipString(quotedBy quote: UInt8) {
        previous = quote
        let isLong = bytes[position...].starts(with: [quote, quote, quote])
        position += isLong ? 3 : 1
        while let byte = next {
            if byte == quote, !isLong || bytes[position...].starts(with: [quote, quote, quote]) {
                position += isLong ? 3 : 1
                // One or two more quotes belong to the string.
                if isLong { skip { $0 == quote } }
                return
            }
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") { position += 1 }
            if next == UInt8(ascii: "\n") {
                if !isLong { position = bytes.count }
                line += 1
            }
            position += 1
        }
    }
}

extension UInt8 {
    fileprivate var isQuote: Bool { self == UInt8(ascii: "\"") || self == UInt8(ascii: "'") }
    fileprivate var isSign: Bool { self == UInt8(ascii: "+") || self == UInt8(ascii: "-") }
    /// Whether it belongs to a key, or to a value that is written without quotes.
    fileprivate var belongsToWord: Bool {
        isNameCharacter || isSign || self == UInt8(ascii: ".") || self == UInt8(ascii: ":")
    }
}
