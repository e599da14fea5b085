/// How bad a finding is, and the verdict of whatever holds findings.
public enum Severity: String, Sendable, Hashable, CaseIterable {
    /// Nothing to do.
    case ok
    /// Will need someone soon.
    case warning
    /// Could not be found out.
    case unknown
    /// Needs someone now.
    case critical
}

extension Severity: Comparable {
    /// Ranked ok, warning, unknown, critical, so that `max()` is a verdict.
    public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .ok: 0
        case .warning: 1
        case .unknown: 2
        case .critical: 3
        }
    }
}
