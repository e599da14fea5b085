import Dispatch

/// Rings at one moment, which can be changed; on the monotonic clock.
///
/// `@unchecked Sendable`: the timer is made in `init` and never replaced, and dispatch_source_set_timer(3) and
/// dispatch_source_cancel(3) may be called from any thread; Dispatch's Swift types do not say so.
final class Alarm: @unchecked Sendable {
    private let timer: any DispatchSourceTimer

    init(_ ring: @escaping @Sendable () -> Void) {
        timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "alarm"))
        timer.setEventHandler { ring() }
        timer.activate()
    }

    deinit { timer.cancel() }

    /// Rings once at `moment` instead of whenever it would have.
    func set(to moment: ContinuousClock.Instant) {
        let left = max(moment - .now, .zero)
        timer.schedule(deadline: .now() + .nanoseconds(Int(left / .nanoseconds(1))), leeway: .nanoseconds(0))
    }
}
