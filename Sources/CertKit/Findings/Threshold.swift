public import FoundationEssentials

/// How little time left is too little, as the monitoring plugins' `-w` and `-c` and the configuration write it.
///
/// A part of the lifetime (`25%`), a time (`20d`, `36h`, `30m`, `90s`, a bare number of days), or a range of the
/// Monitoring Plugins' guidelines, taken of the seconds left (`10:`, `@0:86400`, `~:5`).
public struct Threshold: Hashable, Sendable {
    private let rule: Rule

    private enum Rule: Hashable {
        case percent(Double)
        case seconds(Double)
        case range(SecondsRange)
    }

    /// Parses what an operator wrote.
    ///
    /// - Throws: ``ThresholdError`` when it is not a threshold, or one that no certificate could ever meet.
    public init(_ text: String) throws(ThresholdError) {
        if text.contains(":") || text.hasPrefix("@") {
            guard let range = SecondsRange(text) else { throw .notAThreshold(text) }
            rule = .range(range)
        } else if text.hasSuffix("%") {
            guard let percent = plainNumber(text.dropLast()) else { throw .notAThreshold(text) }
            guard percent <= 100 else { throw .overTheLifetime(text) }
            rule = .percent(percent)
        } else {
            let unit = TimeUnit(suffixOf: text)
            guard let amount = plainNumber(unit == nil ? text[...] : text.dropLast()) else {
                throw .notAThreshold(text)
            }
            rule = .seconds(amount * (unit ?? .day).seconds)
        }
    }

    fileprivate init(percent: Double) { rule = .percent(percent) }

    /// Whether `left` seconds of a certificate that lives `lifetime` seconds are too few.
    public func isReached(left: TimeInterval, lifetime: TimeInterval) -> Bool {
        switch rule {
        case .percent, .seconds: boundary(lifetime: lifetime).map { left < $0 } ?? false
        case .range(let range): range.alerts(on: left)
        }
    }

    /// The seconds left below which it is reached, for performance data; nil for a range, which has no one boundary.
    public func boundary(lifetime: TimeInterval) -> TimeInterval? {
        switch rule {
        case .percent(let percent): lifetime * percent / 100
        case .seconds(let seconds): seconds
        case .range: nil
        }
    }

    /// Whether this one is reached earlier than `other` whatever the lifetime; false where that depends on it.
    fileprivate func isAlwaysReachedBefore(_ other: Threshold) -> Bool {
        switch (rule, other.rule) {
        case (.percent(let own), .percent(let others)), (.seconds(let own), .seconds(let others)): own > others
        default: false
        }
    }
}

extension Threshold: CustomStringConvertible {
    /// A text that parses to the same threshold.
    public var description: String {
        switch rule {
        case .percent(let percent): "\(shortest(percent))%"
        case .seconds(let seconds):
            "\(shortest(seconds / TimeUnit(dividing: seconds).seconds))\(TimeUnit(dividing: seconds).rawValue)"
        case .range(let range): range.description
        }
    }
}

/// When a certificate is expiring: the two thresholds of one check.
public struct Thresholds: Hashable, Sendable {
    /// Reached first.
    public let warning: Threshold
    /// Reached last.
    public let critical: Threshold

    /// A quarter and a tenth of the lifetime, which fits a certificate of 160 hours as well as one of 200 days.
    public static let standard = Thresholds(unchecked: Threshold(percent: 25), Threshold(percent: 10))

    /// Pairs two thresholds.
    ///
    /// - Throws: ``ThresholdError/criticalFirst(warning:critical:)`` when critical would be reached before warning.
    public init(warning: Threshold, critical: Threshold) throws(ThresholdError) {
        guard !critical.isAlwaysReachedBefore(warning) else {
            throw .criticalFirst(warning: warning, critical: critical)
        }
        self.init(unchecked: warning, critical)
    }

    private init(unchecked warning: Threshold, _ critical: Threshold) {
        self.warning = warning
        self.critical = critical
    }

    /// How bad it is that a certificate valid from `notBefore` to `notAfter` has only what is left `now`; nil when it
    /// has enough.
    public func severity(notBefore: Date, notAfter: Date, on now: Date) -> Severity? {
        let left = notAfter.timeIntervalSince(now)
        let lifetime = notAfter.timeIntervalSince(notBefore)
        if critical.isReached(left: left, lifetime: lifetime) { return .critical }
        return warning.isReached(left: left, lifetime: lifetime) ? .warning : nil
    }
}
