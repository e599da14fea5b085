/// Tries at something that may be in the middle of a change: at once, then after pauses of 1, 2, 4 … 200 ms, until nothing
/// has happened for a while.
struct Settling: Sendable, Equatable {
    typealias Instant = ContinuousClock.Instant

    /// How long after the last event it is tried for.
    static let bound = Duration.seconds(2)

    private let lastEvent: Instant
    private var pause = Duration.milliseconds(1)
    /// When the next try is due.
    private(set) var next: Instant

    /// Begins, or begins anew, with an event at `now`.
    init(at now: Instant) {
        (lastEvent, next) = (now, now)
    }

    /// Whether it is worth another try after one that failed at `now`.
    mutating func triesAgain(after now: Instant) -> Bool {
        let end = lastEvent + Settling.bound
        guard now < end else { return false }
        next = min(now + pause, end)
        pause = min(pause * 2, .milliseconds(200))
        return true
    }
}
