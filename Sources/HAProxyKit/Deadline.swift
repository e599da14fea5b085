/// The moment at which waiting ends, on the monotonic clock.
///
/// It is kept as the time since the process first asked for one. A noncopyable type that stores a
/// `ContinuousClock.Instant` itself loses its deinit in Swift 6.3's unoptimised builds where another file lets it go, and
/// the connections that hold a deadline would never be closed.
struct Deadline: Sendable {
    private static let origin = ContinuousClock.now
    private let sinceOrigin: Duration

    /// The moment `limit` from now.
    init(after limit: Duration) {
        sinceOrigin = Deadline.origin.duration(to: .now) + limit
    }

    /// What is left until then; zero or less afterwards.
    var left: Duration { sinceOrigin - Deadline.origin.duration(to: .now) }

    /// What is left in whole milliseconds for `poll` and its like, nil afterwards.
    ///
    /// At least 1, since 0 stands for "do not wait" in one call and for "for ever" in another.
    var milliseconds: CInt? {
        let left = left / .milliseconds(1)
        return left > 0 ? CInt(clamping: Int(left.rounded(.up))) : nil
    }
}
