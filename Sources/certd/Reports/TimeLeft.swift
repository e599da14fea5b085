import CertKit
import FoundationEssentials
import Glibc

/// A distance in time for people: two units, rounded down, `22d 4h`.
func distance(_ seconds: TimeInterval) -> String {
    var text: [UInt8] = []
    text.append(distance: seconds)
    return String(decoding: text, as: UTF8.self)
}

/// What is left until `end`, or how long ago it was.
func timeLeft(until end: Date, from now: Date) -> String {
    var text: [UInt8] = []
    text.append(timeLeftUntil: end, from: now)
    return String(decoding: text, as: UTF8.self)
}

/// A moment for people, rounded down to the minute: `2026-12-15 01:23Z`.
func minuteTime(_ date: Date) -> String {
    date.utc("%Y-%m-%d %H:%MZ")
}

/// The same as bytes, for a table that may have very many of them.
extension [UInt8] {
    /// What is left until `end`, or how long ago it was.
    mutating func append(timeLeftUntil end: Date, from now: Date) {
        let left = end.timeIntervalSince(now)
        if left < 0 { append(text: "expired ") }
        append(distance: left)
        if left < 0 { append(text: " ago") }
    }

    /// A moment, rounded down to the minute.
    mutating func append(minuteOf date: Date) {
        var parts = unsafe tm()
        guard var seconds = time_t(exactly: date.timeIntervalSince1970.rounded(.down)),
            unsafe gmtime_r(&seconds, &parts) != nil, unsafe (0..<8100).contains(parts.tm_year)
        else { return append(contentsOf: minuteTime(date).utf8) }
        let year = unsafe parts.tm_year + 1900
        append(twoDigits: year / 100, "")
        append(twoDigits: year % 100, "-")
        append(twoDigits: unsafe parts.tm_mon + 1, "-")
        append(twoDigits: unsafe parts.tm_mday, " ")
        append(twoDigits: unsafe parts.tm_hour, ":")
        append(twoDigits: unsafe parts.tm_min, "Z")
    }

    private mutating func append(twoDigits number: CInt, _ mark: StaticString) {
        append(UInt8(ascii: "0") + UInt8(number / 10))
        append(UInt8(ascii: "0") + UInt8(number % 10))
        append(text: mark)
    }

    /// Two units, rounded down.
    fileprivate mutating func append(distance seconds: TimeInterval) {
        let whole = Int(exactly: abs(seconds).rounded(.down)) ?? .max
        let (days, hours, minutes) = (whole / 86_400, whole / 3600 % 24, whole / 60 % 60)
        if days > 0 {
            append(days, "d", hours, "h")
        } else if hours > 0 {
            append(hours, "h", minutes, "m")
        } else if minutes > 0 {
            append(minutes, "m")
        } else {
            append(whole, "s")
        }
    }

    private mutating func append(_ large: Int, _ unit: Unicode.Scalar, _ small: Int, _ smallUnit: Unicode.Scalar) {
        append(large, unit)
        guard small > 0 else { return }
        append(UInt8(ascii: " "))
        append(small, smallUnit)
    }

    private mutating func append(_ number: Int, _ unit: Unicode.Scalar) {
        let start = count
        var rest = number
        repeat {
            insert(UInt8(ascii: "0") + UInt8(rest % 10), at: start)
            rest /= 10
        } while rest > 0
        append(UInt8(ascii: unit))
    }

    /// A text that the program brings along.
    mutating func append(text: StaticString) {
        text.withUTF8Buffer { bytes in unsafe append(contentsOf: bytes) }
    }
}
