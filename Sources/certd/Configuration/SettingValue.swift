/// A value as it was written, before anything is known about its meaning.
enum SettingValue: Equatable, Sendable {
    case text(String)
    case list([String])

    /// As the file would have it.
    var toml: String {
        switch self {
        case .text(let text): tomlString(text)
        case .list(let texts): "[\(texts.map(tomlString).joined(separator: ", "))]"
        }
    }

    /// As an option or a variable would have it.
    var plain: String {
        switch self {
        case .text(let text): text
        case .list(let texts): texts.joined(separator: ",")
        }
    }
}

extension SettingValue: ExpressibleByStringLiteral, ExpressibleByArrayLiteral {
    init(stringLiteral text: String) { self = .text(text) }
    init(arrayLiteral texts: String...) { self = .list(texts) }
}

/// `text` as a TOML basic string.
func tomlString(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"", "\\": quoted += "\\\(scalar)"
        case _ where scalar.value < 0x20 || scalar.value == 0x7f:
            let digits = String(scalar.value, radix: 16, uppercase: true)
            quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: quoted.unicodeScalars.append(scalar)
        }
    }
    return quoted + "\""
}
