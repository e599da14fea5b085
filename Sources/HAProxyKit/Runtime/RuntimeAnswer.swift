internal import CertKit
internal import Glibc

/// What HAProxy answered, by lines.
///
/// Lines are cut at line feeds only: to `Character`, CR LF is one character that is no line feed. Names are compared by
/// their bytes, since HAProxy does so and `String` does not.
struct RuntimeAnswer {
    /// Without the empty lines.
    let lines: [String]

    init(_ text: String) {
        lines = text.utf8.split(separator: UInt8(ascii: "\n")).map { String(Substring($0)) }
    }

    func contains(_ sentence: String) -> Bool {
        lines.contains { $0.holdsBytes(of: sentence) }
    }

    /// The name in the first line that is `before`, a name, `after`.
    func name(between before: String, and after: String) -> String? {
        for line in lines where line.hasPrefix(before) && line.hasSuffix(after) {
            let name = line.utf8.dropFirst(before.utf8.count).dropLast(after.utf8.count)
            if !name.isEmpty { return String(Substring(name)) }
        }
        return nil
    }

    /// `M` of `The ongoing transaction is about 'M' but you are trying to set 'N'`, which another client began.
    var ongoingTransaction: String? {
        let about = "The ongoing transaction is about '"
        guard let line = lines.first(where: { $0.hasPrefix(about) }) else { return nil }
        return line.dropFirst(about.count).firstRange(of: "' but you").map {
            String(line.dropFirst(about.count)[..<$0.lowerBound])
        }
    }

    /// The values of the lines `KEY: value`, in the order in which they came.
    func values(of key: String) -> [String] {
        let start = key + ":"
        return lines.filter { $0.utf8.starts(with: start.utf8) }.map { line in
            String(Substring(line.utf8.dropFirst(start.utf8.count).drop { $0 == UInt8(ascii: " ") }))
        }
    }

    /// The value of the only line `KEY: value`; a second one may come from a line feed in a hostile certificate.
    func value(of key: String) -> String? {
        let values = values(of: key)
        return values.count == 1 ? values.first : nil
    }

    /// Whether this HAProxy does not have the command; the rest of the line may quote it.
    var isUnknownCommand: Bool { lines.first?.hasPrefix("Unknown command") == true }

    /// What an error may tell of the answer to `command`: nothing that could come from a payload.
    ///
    /// HAProxy 3.x quotes words that it rejects, and those may be lines of a key. So words that could be base64 go, unless
    /// what makes them so comes from the command; a short word of it may stand in base64 by chance.
    func excerpt(answering command: String) -> String {
        guard !lines.isEmpty else { return "nothing" }
        guard !isUnknownCommand else { return "unknown command" }
        let said = command.split(separator: " ").filter { $0.utf8.count > 3 }.sorted { $0.utf8.count > $1.utf8.count }
        // What follows may be a line of the payload that was taken for a command, too short to look like a secret.
        let ownWords = lines.prefix { !$0.contains("Unknown command") }
        let telling = ownWords.filter { !$0.hasPrefix("Committing ") }.prefix(3)
        let words = telling.joined(separator: "; ").split(separator: " ").map { word in
            couldBeSecret(said.reduce(String(word)) { $0.replacing($1, with: "") }) ? "…" : String(word).printable
        }
        return String(words.joined(separator: " ").prefix(200))
    }
}

/// Whether `word` holds a run of 16 characters of base64, which no sentence of HAProxy does.
private func couldBeSecret(_ word: String) -> Bool {
    var run = 0
    for byte in word.utf8 {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="):
            run += 1
        default: run = 0
        }
        if run >= 16 { return true }
    }
    return false
}

extension String {
    /// Whether the bytes of `sentence` stand in it. `contains` compares characters and makes tables for it: a tenth of what
    /// a deployment costs.
    fileprivate func holdsBytes(of sentence: String) -> Bool {
        unsafe withCString { text in unsafe sentence.withCString { unsafe strstr(text, $0) != nil } }
    }
}

/// Whether two names are the same to HAProxy: byte by byte.
func isSameName(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }
