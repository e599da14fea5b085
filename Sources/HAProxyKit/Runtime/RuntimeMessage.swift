internal import CertKit

/// The bytes that say one command to HAProxy, made so that HAProxy can take them for nothing else.
struct RuntimeMessage: Sendable {
    let bytes: SecretBytes

    /// Puts a payload behind the command as HAProxy wants it since 2.0: ` <<`, the lines, an empty line.
    ///
    /// HAProxy runs what follows the first empty line as commands (2.6), and a body with CR likewise (3.2.0), so both
    /// are refused; so is every other byte that PEM text does not hold.
    init(command: String, payload: SecretBytes?) throws(RuntimeError) {
        guard command.utf8.allSatisfy(isPrintable), !command.contains(";"), !command.contains("<<") else {
            throw .unspeakable(word: command)
        }
        guard let payload else {
            bytes = SecretBytes(capacity: command.utf8.count + 1) { $0.append(line: command) }
            return
        }
        let opening = command + " <<"
        bytes = try SecretBytes(capacity: opening.utf8.count + payload.count + 3) { output throws(RuntimeError) in
            output.append(line: opening)
            try payload.withSpan { text throws(RuntimeError) in
                if let line = firstUnsendableLine(of: text) { throw .unsendable(command: command, line: line) }
                for index in text.indices { output.append(text[index]) }
                if text[text.count - 1] != newline { output.append(newline) }
            }
            output.append(newline)
        }
    }
}

/// Puts `words`, which came from outside, behind a fixed `verb`.
///
/// HAProxy splits at blanks, takes `\` as an escape and `*NAME` as the transaction's certificate.
func command(_ verb: String, _ words: String...) throws(RuntimeError) -> String {
    for word in words {
        let plain = word.utf8.allSatisfy { $0 > UInt8(ascii: " ") && $0 != 0x7f && $0 != UInt8(ascii: "\\") }
        guard plain, !word.isEmpty, !word.hasPrefix("*"), !word.contains(";"), !word.contains("<<") else {
            throw .unspeakable(word: word)
        }
    }
    return ([verb] + words).joined(separator: " ")
}

private let newline = UInt8(ascii: "\n")

/// Names may hold UTF-8; what decides is that no control character stands in them.
private func isPrintable(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: " ") && byte != 0x7f }

/// Counted from 1; an empty payload has an unsendable first line.
private func firstUnsendableLine(of text: Span<UInt8>) -> Int? {
    var line = 1
    var lineIsEmpty = true
    for index in text.indices {
        switch text[index] {
        case newline:
            guard !lineIsEmpty else { return line }
            line += 1
            lineIsEmpty = true
        case UInt8(ascii: " ")...UInt8(ascii: "~"): lineIsEmpty = false
        default: return line
        }
    }
    return text.isEmpty ? 1 : nil
}

extension OutputSpan<UInt8> {
    fileprivate mutating func append(line: String) {
        for byte in line.utf8 { append(byte) }
        append(newline)
    }
}
