import Dispatch
import Glibc
import ServiceLifecycle
import Synchronization

/// What a supervisor says by signals: SIGHUP has the configuration read again, SIGTERM and SIGINT end the daemon.
///
/// A thread that waits for nothing else takes them, without a descriptor: libdispatch's sources need several, and where the
/// kernel gives one of these not, they are deaf for good and say nothing of it.
struct Signals: Service {
    private static let numbers = [SIGHUP, SIGTERM, SIGINT]

    let inbox: Inbox
    private let arriving: AsyncStream<CInt>

    /// Takes the signals from now on, which by themselves would end the process.
    init(inbox: Inbox) {
        self.inbox = inbox
        let (arriving, arrived) = AsyncStream<CInt>.makeStream()
        self.arriving = arriving
        // What a handler uses is made before there is one.
        unsafe sem_init(bell, 0, 0)
        _ = came.load(ordering: .relaxed)
        DispatchQueue(label: "signals").async {
            while true {
                while unsafe sem_wait(bell) != 0 {}
                let came = came.exchange(0, ordering: .acquiring)
                for number in Signals.numbers where came & 1 << number != 0 { arrived.yield(number) }
            }
        }
        for number in Signals.numbers {
            _ = signal(number) { number in
                came.bitwiseOr(1 << number, ordering: .releasing)
                unsafe sem_post(bell)
            }
        }
    }

    /// Returns at the first signal that ends the daemon.
    func run() async {
        // Not a sequence of both kinds of end: that would need a task of its own on Swift's pool, see ``DaemonExecutor``.
        await cancelWhenGracefulShutdown {
            for await number in arriving {
                guard number == SIGHUP else { return }
                inbox.reload()
            }
        }
    }
}

/// The signals that came and were not taken yet, a bit for each: all that a handler may touch is lock-free.
private let came = Atomic<UInt32>(0)

/// Rung at each signal. A handler may call sem_post(3), signal-safety(7); the semaphore is made once and never freed.
private nonisolated(unsafe) let bell = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
