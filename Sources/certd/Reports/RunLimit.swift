import Dispatch
import Glibc
import Synchronization

/// The limit of a whole run: whoever asked for a verdict gets one in time, whatever the check waits for.
enum RunLimit {
    private static let isAnswered = Mutex(false)

    /// Ends the process with `status` after `seconds`, saying what `tell` says, unless ``finish()`` comes first.
    static func start(seconds: Double, exitingWith status: Int32, tell: @escaping @Sendable () -> Void) {
        // On a thread of its own: what is waited for may block all others.
        DispatchQueue(label: "certd.limit").asyncAfter(deadline: .now() + seconds) {
            guard claim() else { return }
            tell()
            _exit(status)
        }
    }

    /// To be called before the answer is given, so that there is only one.
    static func finish() {
        guard !claim() else { return }
        // The other thread is saying that the time is over.
        while true { _ = pause() }
    }

    private static func claim() -> Bool {
        isAnswered.withLock { isAnswered in
            defer { isAnswered = true }
            return !isAnswered
        }
    }
}
