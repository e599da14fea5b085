import Synchronization

/// A clock that stands still until somebody sleeps, and then jumps: no test waits for real time.
final class SteppingClock: Clock {
    struct Instant: InstantProtocol {
        var offset: Duration

        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private let state = Mutex<[Duration]>([])
    private let whenSleeping: @Sendable (Int) -> Void

    /// `whenSleeping` is called with the number of sleeps begun before this one.
    init(whenSleeping: @escaping @Sendable (Int) -> Void = { _ in }) {
        self.whenSleeping = whenSleeping
    }

    /// Every sleep so far.
    var sleeps: [Duration] { state.withLock { $0 } }
    var now: Instant { Instant(offset: sleeps.reduce(.zero, +)) }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        let now = now
        let before = state.withLock { sleeps in
            sleeps.append(max(.zero, now.duration(to: deadline)))
            return sleeps.count - 1
        }
        whenSleeping(before)
        // Others must get to run, as they do while somebody sleeps.
        await Task.yield()
    }
}
