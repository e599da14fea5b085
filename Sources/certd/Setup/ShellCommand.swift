/// A simple command of a shell script: what is assigned, what is run with which words, and where it writes.
struct ShellCommand: Equatable, Sendable {
    var assignments: [(name: String, value: ShellWord)] = []
    var words: [ShellWord] = []
    /// The files that its standard output goes to.
    var outputs: [ShellWord] = []
    /// Whether the command before it writes to its standard input.
    var isFed = false

    static func == (left: ShellCommand, right: ShellCommand) -> Bool {
        left.words == right.words && left.outputs == right.outputs && left.isFed == right.isFed
            && left.assignments.elementsEqual(right.assignments) { $0 == $1 }
    }

    /// The commands of a script in their order, as if all branches were taken and each loop were run once; nil where the
    /// script cannot be read so.
    static func all(in script: String) -> [ShellCommand]? {
        guard let tokens = ShellLexer.tokens(of: script) else { return nil }
        var reader = Reader()
        for token in tokens { reader.take(token) }
        reader.end()
        // What a function does is read where it is defined.
        return reader.commands.filter { command in
            guard let name = command.words.first?.text else { return true }
            return !reader.functions.contains(name)
        }
    }

    /// Words that begin a command and have another one behind them.
    private static let leads: Set = ["if", "then", "else", "elif", "while", "until", "do", "!", "{", "time"]
    /// Words that are a command by themselves.
    private static let ends: Set = ["fi", "done", "esac", "}"]

    private struct Reader {
        var commands: [ShellCommand] = []
        var functions: Set<String> = []
        private var command = ShellCommand()
        /// What the next word is.
        private var expects = Expectation.word
        private var openCases = 0

        private enum Expectation: Equatable {
            case word
            /// The file of a redirection; whether output goes there.
            case file(isOutput: Bool)
            /// Up to the `in` of a `case`, or up to the `)` of a pattern.
            case subject, pattern
            /// The rest of a `for` up to `do`.
            case loop
        }

        mutating func take(_ token: ShellLexer.Token) {
            switch (expects, token) {
            case (.file(let isOutput), .word(let word)):
                if isOutput, word.text != "/dev/null" { command.outputs.append(word) }
                expects = .word
            case (.subject, .word(let word)): if word.text == "in" { expects = .pattern }
            case (.pattern, .sign(")")): expects = .word
            case (.pattern, .word(let word)) where word.text == "esac": endCase()
            case (.loop, .sign): expects = .word
            case (.subject, _), (.pattern, _), (.loop, _): break
            case (_, .word(let word)): take(word)
            case (_, .sign(let sign)): take(sign)
            }
        }

        private mutating func take(_ word: ShellWord) {
            guard command.words.isEmpty else {
                command.words.append(word)
                return
            }
            switch word.text {
            case let text? where leads.contains(text): break
            case "esac": endCase()
            case let text? where ends.contains(text): break
            case "case":
                openCases += 1
                expects = .subject
            case "for": expects = .loop
            default:
                if let assignment = word.assignment {
                    command.assignments.append(assignment)
                } else {
                    command.words.append(word)
                }
            }
        }

        private mutating func take(_ sign: String) {
            switch sign {
            case ">", ">>", ">|", "&>": expects = .file(isOutput: true)
            case "<", ">&", "<&": expects = .file(isOutput: false)
            case "(" where command.words.count == 1:
                if let name = command.words[0].text { functions.insert(name) }
                command = ShellCommand()
            case ";;":
                end()
                expects = openCases > 0 ? .pattern : .word
            default: end(feedingNext: sign == "|")
            }
        }

        private mutating func endCase() {
            end()
            openCases -= 1
            expects = .word
        }

        mutating func end(feedingNext: Bool = false) {
            let isNothing = command.words.isEmpty && command.assignments.isEmpty && command.outputs.isEmpty
            if !isNothing { commands.append(command) }
            command = ShellCommand()
            command.isFed = feedingNext && !isNothing
            expects = .word
        }
    }
}

extension ShellWord {
    /// `NAME=VALUE`.
    fileprivate var assignment: (name: String, value: ShellWord)? {
        guard case .text(let first) = parts.first, let equals = first.firstIndex(of: "="), equals != first.startIndex
        else {
            return nil
        }
        let name = first[..<equals]
        guard name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }) else { return nil }
        return (String(name), ShellWord([.text(String(first[first.index(after: equals)...]))] + parts.dropFirst()))
    }
}
