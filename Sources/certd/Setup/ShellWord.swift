/// A word of a shell script, as far as it can be told without running it.
struct ShellWord: Equatable, Sendable {
    /// A piece of it.
    enum Part: Equatable, Sendable {
        case text(String)
        /// `$NAME`.
        case variable(String)
        /// What stands behind the last slash of `$NAME`: `${NAME##*/}`, `$(basename "$NAME")`.
        case lastComponent(of: String)
        /// What only a shell can tell.
        case unknown(String)
    }

    var parts: [Part] = []

    init(_ parts: [Part] = []) { self.parts = parts }

    /// The word where there is nothing to be expanded in it.
    var text: String? {
        var text = ""
        for case let part in parts {
            guard case .text(let piece) = part else { return nil }
            text += piece
        }
        return text
    }

    /// The word as it could be written in a script.
    var written: String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .variable(let name): "${\(name)}"
            case .lastComponent(let name): "${\(name)##*/}"
            case .unknown(let text): text
            }
        }.joined()
    }

    /// The word with the variables that `values` has in their places; two that are written differently are equal then.
    func expanded(_ values: [String: ShellWord]) -> ShellWord {
        var word = ShellWord()
        for part in parts {
            let pieces: [Part] =
                switch part {
                case .text, .unknown: [part]
                case .variable(let name): values[name]?.parts ?? [part]
                case .lastComponent(let name): values[name]?.lastComponent ?? [part]
                }
            for piece in pieces where piece != .text("") || parts.count == 1 { word.append(piece) }
        }
        return word
    }

    private var lastComponent: [Part] {
        if let text { return [.text(String(text.split(separator: "/").last ?? ""))] }
        if case .variable(let name) = significant.first, significant.count == 1 { return [.lastComponent(of: name)] }
        return [.unknown(written)]
    }

    /// The parts without what empty quotes leave.
    var significant: [Part] { parts.filter { $0 != .text("") } }

    mutating func append(_ part: Part) {
        if case .text(let more) = part, case .text(let text) = parts.last {
            parts[parts.count - 1] = .text(text + more)
        } else {
            parts.append(part)
        }
    }
}
