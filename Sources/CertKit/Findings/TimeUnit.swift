/// A unit of the times that operators write: `20d`, `36h`, `30m`, `90s`.
public enum TimeUnit: Character, Sendable, CaseIterable {
    /// 86,400 seconds.
    case day = "d"
    /// 3,600 seconds.
    case hour = "h"
    /// 60 seconds.
    case minute = "m"
    /// One second.
    case second = "s"

    /// The unit that `text` ends with; nil where it ends otherwise.
    public init?(suffixOf text: some StringProtocol) {
        guard let last = text.last else { return nil }
        self.init(rawValue: last)
    }

    /// The largest unit of which `seconds` are a whole number.
    init(dividing seconds: Double) {
        self = TimeUnit.allCases.first { seconds.truncatingRemainder(dividingBy: $0.seconds) == 0 } ?? .second
    }

    /// How many seconds one of it has.
    public var seconds: Double {
        switch self {
        case .day: 86_400
        case .hour: 3_600
        case .minute: 60
        case .second: 1
        }
    }
}

/// Reads digits with at most one decimal point between them, and nothing else that `Double` takes (`1e9`, `nan`, `0x1`).
///
/// The limit lies beyond every date that a certificate can hold, so no sum of what is accepted loses its seconds.
public func plainNumber(_ text: some StringProtocol) -> Double? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isDigit) }),
        let number = Double(String(text)), number < 1e12
    else { return nil }
    return number
}

/// The same with a minus sign before it, where there is one.
func signedNumber(_ text: some StringProtocol) -> Double? {
    text.hasPrefix("-") ? plainNumber(text.dropFirst()).map { -$0 } : plainNumber(text)
}

/// A number without the `.0` of a whole one.
func shortest(_ number: Double) -> String {
    Int(exactly: number).map(String.init) ?? String(number)
}

private func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}
