public import FoundationEssentials
internal import Glibc

extension Date {
    /// The moment in UTC as ISO 8601 has it, `2026-12-15T01:23:45Z`, in whole seconds, rounded down.
    public var utc: String { utc("%Y-%m-%dT%H:%M:%SZ") }

    /// The moment that ``utc`` writes so; nil for any other text.
    ///
    /// Before the year 1000, and where one calendar took the place of another, readers and writers differ by days: what does
    /// not come out as it went in is none.
    public init?(utc text: String) {
        guard let date = try? Date(text, strategy: .iso8601), date.utc == text else { return nil }
        self = date
    }

    /// The moment in UTC, in a format of `strftime`.
    ///
    /// By the C library, because Foundation's formatter sets up a calendar and a time zone first: a fifth of what a cold
    /// `certd check` costs.
    public func utc(_ format: String) -> String {
        var parts = unsafe tm()
        // What a file says may be a time that no calendar has.
        guard var seconds = time_t(exactly: timeIntervalSince1970.rounded(.down)),
            unsafe gmtime_r(&seconds, &parts) != nil
        else { return "an impossible time" }
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
            guard let start = text.baseAddress, unsafe strftime(start, text.count, format, &parts) > 0 else {
                return ""
            }
            return unsafe String(cString: start)
        }
    }
}
