internal import SystemPackage
internal import TestSupport

/// A system call of a program, by strace: all are reached, also those of the libraries that ``Faults`` cannot reach.
struct SystemFault: Hashable {
    let call: String
    /// The how manieth of this name, in each thread.
    let number: Int
    /// What it fails with; nil where the program is killed instead.
    let error: String?

    private static let errors = ["EIO", "ENOSPC", "EDQUOT", "EACCES", "EROFS", "EMFILE", "ENOMEM", "EINTR", nil]
    /// What can only be interrupted.
    private static let waits: Set = [
        "poll", "ppoll", "epoll_wait", "epoll_pwait", "select", "pselect6", "wait4", "waitid", "nanosleep",
        "clock_nanosleep",
    ]
    /// Memory, threads, signals and the process itself: no program goes on without them, and none of these calls is about a
    /// file, a socket or the disk.
    private static let foundations: Set = [
        "brk", "mmap", "munmap", "mprotect", "mremap", "madvise", "execve", "exit", "exit_group", "arch_prctl", "rseq",
        "set_tid_address", "set_robust_list", "futex", "clone", "clone3", "vfork", "sched_yield", "sched_getaffinity",
        "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait", "sigaltstack", "getpid", "gettid",
        "getuid", "geteuid", "getgid", "getegid", "prlimit64", "getrandom", "tgkill", "kill", "restart_syscall",
    ]

    /// Whether libdispatch and NIO end the program where this fails, as a SIGKILL would.
    var isOfEventLoop: Bool {
        ["epoll_create1", "epoll_ctl", "eventfd2", "timerfd_create", "timerfd_settime"].contains(call)
    }

    /// Whether what ended with `status`, nil where a signal ended it, could not even start, speak or wait for anything.
    func mayEndUntold(_ errors: String, with status: Int32?) -> Bool {
        guard error != nil else { return status == nil }
        let couldNotStart = errors.contains("error while loading shared libraries")
        // NIO traps where a close fails, which is what a kernel does not do with what NIO closes.
        let isOfNIO = errors.contains("NIOCore/") || errors.contains("NIOPosix/")
        return couldNotStart || call.hasPrefix("write") || status == nil && (isOfEventLoop || isOfNIO)
    }

    /// What strace is called with; the trace tells whether it struck.
    ///
    /// In the background the process that is started is the program itself, which takes its signals and from which strace
    /// can be taken off by a SIGTERM to it, deaf as it is to one otherwise; a program that was filtered for strace, which is
    /// faster, could not go on without it.
    func tracing(to file: FilePath, inBackground: Bool = false) -> [String] {
        let what = error.map { "error=\($0)" } ?? "signal=KILL"
        return ["strace"] + (inBackground ? ["-D", "-I", "2"] : ["--seccomp-bpf"]) + [
            "-f", "-qq", "-o", file.string, "-e", "trace=\(call)", "-e", "signal=none",
            "-e", "inject=\(call):\(what):when=\(number)",
        ]
    }

    /// All faults of what a command did, as strace has it, mixed, so that any number of the first are spread over all.
    ///
    /// Each has its place by what it is: a run that makes some more calls has the others in the same order.
    static func all(of trace: String) -> [SystemFault] {
        var counts: [String: [Substring: Int]] = [:]
        for line in trace.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, let open = parts[1].firstIndex(of: "(") else { continue }
            let name = parts[1][..<open].filter { $0 != " " }
            guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else { continue }
            counts[name, default: [:]][parts[0], default: 0] += 1
        }
        var faults: [SystemFault] = []
        for (call, threads) in counts.sorted(by: { $0.key < $1.key }) where !foundations.contains(call) {
            for number in 1...(threads.values.max() ?? 1) {
                for error in errors where !waits.contains(call) || error == nil || error == "EINTR" {
                    faults.append(SystemFault(call: call, number: number, error: error))
                }
            }
        }
        return faults.map { ($0, $0.place) }.sorted { $0.1 < $1.1 }.map(\.0)
    }
}

extension SystemFault: CustomStringConvertible {
    var description: String { "\(error ?? "SIGKILL") at \(call) \(number)" }

    /// A number that only this fault has, as good as.
    private var place: UInt64 {
        var generator = SeededGenerator(seed: description.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
        return generator.next()
    }
}
