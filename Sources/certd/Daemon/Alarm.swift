import NIOCore
import NIOPosix
import Synchronization

/// Rings at one moment, which can be changed; on the monotonic clock.
///
/// By NIO's loop, which ends the process where the kernel refuses what a timer needs; libdispatch's timers would never ring
/// and say nothing.
final class Alarm: Sendable {
    private let loop = MultiThreadedEventLoopGroup.singleton.any()
    private let ring: @Sendable () -> Void
    private let next = Mutex<Scheduled<Void>?>(nil)

    init(_ ring: @escaping @Sendable () -> Void) { self.ring = ring }

    deinit { next.withLock { $0?.cancel() } }

    /// Rings once at `moment` instead of whenever it would have.
    func set(to moment: ContinuousClock.Instant) {
        let left = TimeAmount.nanoseconds(Int64(max(moment - .now, .zero) / .nanoseconds(1)))
        next.withLock { next in
            next?.cancel()
            next = loop.scheduleTask(in: left, ring)
        }
    }
}
