import Dispatch

/// Rings at one moment, which can be changed; on the monotonic clock.
// Unchecked, because Dispatch does not say that its sources may be used from any thread, which they may.
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
