/// One line of haproxy.cfg, cut into words by HAProxy's rules (configuration manual 2.6, section 2.2).
struct ConfigurationLine {
    /// A word without its quotes and escapes.
    struct Word: Equatable {
        var text: String
        /// Whether HAProxy replaces a part of it by an environment variable, whose value only it knows; then the text
        /// holds the variable as it is written.
        var holdsVariable = false
    }

    let file: String
    /// Counted from 1.
    let number: Int
    let words: [Word]

    init(_ text: some Collection<UInt8>, file: String, number: Int) {
        self.file = file
        self.number = number
        var cutter = WordCutter(rest: ArraySlice(text))
        words = cutter.cut()
    }

    /// The first word, which says what the line is about; empty where there is none.
    var keyword: String { words.first?.text ?? "" }
}

/// Goes over a line once, byte by byte.
private struct WordCutter {
    var rest: ArraySlice<UInt8>
    private var words: [ConfigurationLine.Word] = []
    /// The bytes of the word at hand; nil between words, empty after `""`.
    private var bytes: [UInt8]?
    private var holdsVariable = false
    private var quote: UInt8?

    init(rest: ArraySlice<UInt8>) { self.rest = rest }

    mutating func cut() -> [ConfigurationLine.Word] {
        while let byte = rest.popFirst() {
            switch (byte, quote) {
            case (UInt8(ascii: "#"), nil): rest = []
            case (0x20, nil), (0x09...0x0d, nil): endWord()
            case (UInt8(ascii: "\""), nil), (UInt8(ascii: "'"), nil):
                quote = byte
                bytes = bytes ?? []
            case (_, byte): quote = nil
            case (UInt8(ascii: "\\"), nil), (UInt8(ascii: "\\"), UInt8(ascii: "\"")): append(unescaped())
            case (UInt8(ascii: "$"), UInt8(ascii: "\"")):
                holdsVariable = true
                append(byte)
            default: append(byte)
            }
        }
        endWord()
        return words
    }

    private mutating func append(_ byte: UInt8) {
        if bytes == nil { bytes = [] }
        bytes?.append(byte)
    }

    private mutating func endWord() {
        guard let finished = bytes else { return }
        words.append(.init(text: String(decoding: finished, as: UTF8.self), holdsVariable: holdsVariable))
        bytes = nil
        holdsVariable = false
    }

    /// What the escape after a backslash stands for; the backslash itself where it begins none.
    private mutating func unescaped() -> UInt8 {
        guard let next = rest.first else { return UInt8(ascii: "\\") }
        switch next {
        case UInt8(ascii: " "), UInt8(ascii: "\\"), UInt8(ascii: "#"), UInt8(ascii: "'"), UInt8(ascii: "\""),
            UInt8(ascii: "$"):
            rest.removeFirst()
            return next
        case UInt8(ascii: "t"), UInt8(ascii: "n"), UInt8(ascii: "r"):
            rest.removeFirst()
            return next == UInt8(ascii: "t") ? 0x09 : next == UInt8(ascii: "n") ? 0x0a : 0x0d
        case UInt8(ascii: "x"):
            let digits = String(decoding: rest.dropFirst().prefix(2), as: UTF8.self)
            guard digits.count == 2, let value = UInt8(digits, radix: 16) else { return UInt8(ascii: "\\") }
            rest.removeFirst(3)
            return value
        default: return UInt8(ascii: "\\")
        }
    }
}
