/// What can be wrong with a threshold.
@nonexhaustive
public enum ThresholdError: Diagnosis, Equatable {
    /// The text has no meaning as a threshold.
    case notAThreshold(String)
    /// More than the whole lifetime, which would alarm on every certificate.
    case overTheLifetime(String)
    /// The certificate would be critical before it is worth a warning.
    case criticalFirst(warning: Threshold, critical: Threshold)

    /// What is wrong with it.
    public var description: String {
        switch self {
        case .notAThreshold(let text): "\"\(text)\" is not a threshold"
        case .overTheLifetime(let text): "\"\(text)\" is more than the whole lifetime"
        case .criticalFirst(let warning, let critical): "critical (\(critical)) is above warning (\(warning))"
        }
    }

    /// What can be written instead.
    public var remedy: String {
        switch self {
        case .notAThreshold, .overTheLifetime:
            "write a part of the lifetime (25%), a time (20d, 36h, 30m, 90s), days (20) or a range of seconds (86400:)"
        case .criticalFirst: "make the critical threshold the smaller one, as in: certd check -w 25% -c 10%"
        }
    }

    /// A wrong option or key.
    public var findingID: FindingID { .configurationInvalid }
}
