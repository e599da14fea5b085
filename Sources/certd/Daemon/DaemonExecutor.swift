import Dispatch

/// Runs the daemon's tasks on threads that libdispatch does not count.
///
/// Swift's own pool lies on its global queues; once one of them has had work, libdispatch on Linux wakes each second, for
/// as long as the process lives, to see whether their threads are stuck. A queue of one's own gets a thread at once and is
/// not watched, and a task that blocks in a system call keeps none of the others waiting.
final class DaemonExecutor: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        DispatchQueue(label: "daemon").async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
