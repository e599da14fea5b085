/// A range of the Monitoring Plugins' guidelines, `[@][start:][end]`, over seconds.
///
/// It alerts on a value outside of it, or with `@` on one inside; both ends belong to it. `~` is minus infinity, a
/// missing start is 0 and a missing end is infinity.
struct SecondsRange: Hashable, CustomStringConvertible {
    private let start: Double
    private let end: Double
    private let alertsInside: Bool

    /// Parses `text`; nil where it is no range, or one whose start is above its end.
    init?(_ text: String) {
        alertsInside = text.hasPrefix("@")
        let ends = (alertsInside ? text.dropFirst() : text[...])
            .split(separator: ":", omittingEmptySubsequences: false)
        guard let last = ends.last, ends.count <= 2, !ends.allSatisfy(\.isEmpty) else { return nil }
        let first = ends.count == 2 ? ends[0] : ""
        guard let start = first.isEmpty ? 0 : first == "~" ? -Double.infinity : signedNumber(first),
            let end = last.isEmpty ? Double.infinity : signedNumber(last), start <= end
        else { return nil }
        self.start = start
        self.end = end
    }

    func alerts(on value: Double) -> Bool {
        (start <= value && value <= end) == alertsInside
    }

    var description: String {
        let first = start == -.infinity ? "~" : shortest(start)
        return "\(alertsInside ? "@" : "")\(first):\(end == .infinity ? "" : shortest(end))"
    }
}
