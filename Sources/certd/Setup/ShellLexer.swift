/// Cuts the text of a shell script into words and operators (POSIX shell, section 2.3).
///
/// It is for reading what hooks do, not for running them: what it does not know it says so.
struct ShellLexer {
    enum Token: Equatable {
        case word(ShellWord)
        /// `;`, `&&`, `|`, `>`, a line end and so on.
        case sign(String)
    }

    private let text: [Character]
    private var place = 0
    /// Whether there is something that cannot be read so, such as a here-document.
    private(set) var isUnclear = false

    private init(_ text: String) { self.text = Array(text) }

    /// The tokens of `text`; nil where it cannot be told what they are.
    static func tokens(of text: String) -> [Token]? {
        var lexer = ShellLexer(text)
        var tokens: [Token] = []
        while let token = lexer.next() { tokens.append(token) }
        return lexer.isUnclear ? nil : tokens
    }

    private var character: Character? { place < text.count ? text[place] : nil }

    private mutating func next() -> Token? {
        skipBlanks()
        guard let first = character else { return nil }
        // The longest first.
        for sign in [
            "<<", ">>", ">|", ">&", "<&", "&>", "&&", "||", ";;", "\r\n", "\n", ";", "&", "|", "(", ")", "<", ">",
        ]
        where text[place...].starts(with: sign) {
            place += sign.count
            if sign == "<<" { isUnclear = true }
            return .sign(sign == "\r\n" ? "\n" : sign)
        }
        if first == "#" {
            while let character, !character.isNewline { place += 1 }
            return next()
        }
        let word = word()
        // `2>/dev/null`: the number is the redirection's.
        if let digits = word.text, !digits.isEmpty, digits.allSatisfy(\.isNumber), let character,
            "<>".contains(character)
        {
            return next()
        }
        return .word(word)
    }

    private mutating func skipBlanks() {
        while let character {
            if character == "\\", place + 1 < text.count, text[place + 1].isNewline {
                place += 2
            } else if character == " " || character == "\t" {
                place += 1
            } else {
                return
            }
        }
    }

    private mutating func word() -> ShellWord {
        var word = ShellWord()
        while let character, !character.isWhitespace, !";&|()<>".contains(character) {
            place += 1
            switch character {
            case "\\": takeEscaped(into: &word)
            case "'": word.append(.text(upTo("'")))
            case "\"": takeQuoted(into: &word)
            case "$": word.append(expansion())
            case "`": word.append(substitution(upTo("`")))
            default: word.append(.text(String(character)))
            }
        }
        return word
    }

    private mutating func takeEscaped(into word: inout ShellWord) {
        guard let character else { return }
        place += 1
        if !character.isNewline { word.append(.text(String(character))) }
    }

    private mutating func takeQuoted(into word: inout ShellWord) {
        word.append(.text(""))
        while let character {
            place += 1
            switch character {
            case "\"": return
            case "\\": takeEscaped(into: &word)
            case "$": word.append(expansion())
            case "`": word.append(substitution(upTo("`")))
            default: word.append(.text(String(character)))
            }
        }
        isUnclear = true
    }

    private mutating func upTo(_ end: Character) -> String {
        let start = place
        while let character, character != end { place += 1 }
        guard character != nil else {
            isUnclear = true
            return ""
        }
        place += 1
        return String(text[start..<(place - 1)])
    }

    /// What stands behind a `$`.
    private mutating func expansion() -> ShellWord.Part {
        switch character {
        case "{":
            place += 1
            let inner = upTo("}")
            if inner.isName { return .variable(inner) }
            if inner.hasSuffix("##*/"), String(inner.dropLast(4)).isName {
                return .lastComponent(of: String(inner.dropLast(4)))
            }
            return .unknown("${\(inner)}")
        case "(":
            place += 1
            return substitution(upToClosing())
        default:
            let start = place
            while let character, character.isNameCharacter { place += 1 }
            let name = String(text[start..<place])
            return name.isName ? .variable(name) : .unknown("$\(name)")
        }
    }

    private mutating func upToClosing() -> String {
        let start = place
        var depth = 1
        while let character {
            place += 1
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if depth == 0 { return String(text[start..<(place - 1)]) }
        }
        isUnclear = true
        return ""
    }

    private func substitution(_ command: String) -> ShellWord.Part {
        let words = ShellLexer.tokens(of: command)
        if words?.count == 2, words?.first == .word(ShellWord([.text("basename")])),
            case .word(let operand) = words?.last, case .variable(let name) = operand.significant.first,
            operand.significant.count == 1
        {
            return .lastComponent(of: name)
        }
        return .unknown("$(\(command))")
    }
}

extension String {
    fileprivate var isName: Bool { first.map { !$0.isNumber } ?? false && allSatisfy(\.isNameCharacter) }
}

extension Character {
    fileprivate var isNameCharacter: Bool { isASCII && (isLetter || isNumber) || self == "_" }
}
