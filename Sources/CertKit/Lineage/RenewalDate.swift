public import FoundationEssentials

/// When certbot renews a certificate, by its own rules as they lie on disk.
public struct RenewalDate: Sendable, Equatable {
    /// From this moment on a run of certbot renews it.
    public let due: Date
    /// Whether certbot may do so earlier: from 4.1 on it asks the CA too (ARI, RFC 9773), which leaves no date on disk.
    public let isEstimate: Bool
    /// certbot is late from this moment on: it runs twice a day, and one run may fail.
    public let overdue: Date

    /// By the rules of the certbot that wrote `file`; nil where it is told not to renew, or to in words not known here.
    public init?(of leaf: Certificate, by file: RenewalFile) {
        self.init(notBefore: leaf.notBefore, notAfter: leaf.notAfter, by: file)
    }

    /// The same for a leaf of these dates.
    init?(notBefore: Date, notAfter: Date, by file: RenewalFile) {
        guard !file.isOff, let rule = Rule(file) else { return nil }
        let lifetime = notAfter.timeIntervalSince(notBefore)
        let before = rule.secondsBeforeExpiry(lifetime: lifetime)
        // Told to renew earlier than it was issued, certbot renews at each run.
        due = max(notAfter - before, notBefore)
        isEstimate = rule.isEstimate
        let grace = max(86_400, lifetime * 0.05)
        let quarter = notAfter - lifetime * 0.25
        overdue = max(due, min(due + grace, quarter))
    }
}

extension RenewalFile {
    /// Whether `autorenew` says no, in any of the words that certbot knows.
    fileprivate var isOff: Bool { autorenew.map { ["false", "off", "no", "0"].contains($0.lowercased()) } ?? false }
}

/// How certbot decides.
private struct Rule {
    private enum Kind {
        case fixed(TimeInterval)
        case partOfLifetime
    }

    private let kind: Kind
    let isEstimate: Bool

    init?(_ file: RenewalFile) {
        let (major, minor) = Self.numbers(of: file.version)
        let asksTheCA = (major, minor) >= (4, 1)
        if let text = file.renewBeforeExpiry {
            guard let interval = RenewalInterval(text) else { return nil }
            kind = .fixed(interval.seconds)
            isEstimate = asksTheCA || interval.isRounded
        } else {
            kind = major < 4 ? .fixed(30 * 86_400) : .partOfLifetime
            isEstimate = asksTheCA
        }
    }

    func secondsBeforeExpiry(lifetime: TimeInterval) -> TimeInterval {
        switch kind {
        case .fixed(let seconds): seconds
        case .partOfLifetime: lifetime / (lifetime < 10 * 86_400 ? 2 : 3)
        }
    }

    /// Without a version the file is older than any rule but the first.
    private static func numbers(of version: String?) -> (Int, Int) {
        var rest = Substring(version ?? "").utf8
        func next() -> Int {
            rest = rest.drop { $0 == UInt8(ascii: ".") }
            let part = rest.prefix { $0 != UInt8(ascii: ".") }
            rest = rest[part.endIndex...]
            return Int(Substring(part.prefix { (0x30...0x39).contains($0) })) ?? 0
        }
        let major = next()
        return (major, next())
    }
}

/// An interval as certbot takes it: `30 days`, `3 days 12 hours`, or a bare number of days.
struct RenewalInterval: Equatable {
    let seconds: TimeInterval
    /// Months and years are of no fixed length.
    let isRounded: Bool

    /// Parses the words that certbot's own documentation uses; nil for others.
    init?(_ text: String) {
        var seconds = 0.0
        var isRounded = false
        var rest = Substring(text.lowercased()).utf8
        repeat {
            guard let amount = Self.take(while: { (0x30...0x39).contains($0) }, from: &rest),
                let number = Double(amount)
            else { return nil }
            let word = Self.take(while: { (0x61...0x7a).contains($0) }, from: &rest)
            if word == nil, !rest.isEmpty || seconds > 0 { return nil }
            guard let unit = Self.units[word ?? "days"] else { return nil }
            seconds += number * unit.seconds
            isRounded = isRounded || unit.isRounded
        } while !rest.isEmpty
        (self.seconds, self.isRounded) = (seconds, isRounded)
    }

    private static func take(while accepts: (UInt8) -> Bool, from rest: inout Substring.UTF8View) -> String? {
        rest = rest.drop { $0 == 0x20 || $0 == 0x2c }
        let taken = rest.prefix(while: accepts)
        rest = rest.dropFirst(taken.count).drop { $0 == 0x20 || $0 == 0x2c }
        return taken.isEmpty ? nil : String(taken)
    }

    private static let units: [String: (seconds: TimeInterval, isRounded: Bool)] = {
        let lengths: [([String], TimeInterval, Bool)] = [
            (["second", "seconds", "sec", "secs", "s"], 1, false),
            (["minute", "minutes", "min", "mins", "m"], 60, false),
            (["hour", "hours", "hr", "hrs", "h"], 3600, false), (["day", "days", "dy", "dys", "d"], 86_400, false),
            (["week", "weeks", "wk", "wks", "w"], 604_800, false),
            (["month", "months", "mth", "mths"], 2_629_746, true),
            (["year", "years", "yr", "yrs", "y"], 31_556_952, true),
        ]
        var units: [String: (seconds: TimeInterval, isRounded: Bool)] = [:]
        for (words, seconds, isRounded) in lengths {
            for word in words { units[word] = (seconds, isRounded) }
        }
        return units
    }()
}
