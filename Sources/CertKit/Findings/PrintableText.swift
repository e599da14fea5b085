extension String {
    /// The text as it may be shown: nothing in it moves the cursor, ends a line, or hides or reorders its neighbours.
    ///
    /// Names in certificates and replies of sockets are hostile. Control characters, line ends and the invisible
    /// format characters (bidirectional marks and overrides among them) become escapes such as `\n` and `\u{202E}`;
    /// every visible character stays, and so do the joiners that ordinary Persian and Hindi words need.
    public var printable: String { printable(escaping: []) }

    /// The same with `others` escaped too: plugin output, for one, gives `|` a meaning.
    public func printable(escaping others: Set<Unicode.Scalar>) -> String {
        // Nearly every name and path is plain ASCII.
        if others.isEmpty, utf8.allSatisfy({ (0x20...0x7e).contains($0) }) { return self }
        var text = ""
        for scalar in unicodeScalars {
            if scalar.isUnprintable || others.contains(scalar) {
                text += scalar.escape
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

extension Unicode.Scalar {
    /// Whether ``Swift/String/printable`` shows it as an escape.
    public var isUnprintable: Bool {
        if isASCII { return value < 0x20 || value == 0x7f }
        return switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        case .format: !isJoiner
        default: properties.isNoncharacterCodePoint
        }
    }

    /// ZERO WIDTH NON-JOINER and ZERO WIDTH JOINER.
    private var isJoiner: Bool { value == 0x200c || value == 0x200d }

    fileprivate var escape: String {
        switch self {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: "\\u{\(String(value, radix: 16, uppercase: true))}"
        }
    }
}
