internal import SystemPackage
internal import TestSupport

/// A system call of a program, by strace: all are reached, also those of the libraries that ``Faults`` cannot reach.
struct SystemFault: Hashable {
    let call: String
    /// The file or directory that it is made on; nil for one that is made on none of the program's own.
    let path: String?
    /// The how manieth of this name on this path, in each thread.
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
        return straceCommand + (inBackground ? ["-D", "-I", "2"] : ["--seccomp-bpf"]) + [
            "-f", "-qq", "-o", file.string, "-e", "trace=\(call)", "-e", "signal=none",
            "-e", "inject=\(call):\(what):when=\(number)",
        ] + (path.map { ["-P", $0] } ?? [])
    }

    /// What strace is called with to write down what ``all(of:below:)`` reads.
    static func recording(to file: FilePath) -> [String] {
        straceCommand + ["-f", "-qq", "-y", "-s", "0", "-o", file.string]
    }

    /// All faults of what a command did, as strace has it, mixed, so that any number of the first are spread over all.
    ///
    /// Calls on what is below `directory` are counted by path. strace counts by the thread, and by name alone a call would be
    /// hidden behind the many by which the first thread loads the libraries; those themselves are no calls of certd's.
    /// Each fault has its place by what it is: a run that makes some more calls has the others in the same order.
    static func all(of trace: String, below directory: FilePath) -> [SystemFault] {
        var counts: [CountedCall: Int] = [:]
        var loading: [String: Int] = [:]
        var found: Set<SystemFault> = []
        for line in trace.split(separator: "\n") {
            guard let call = CountedCall(line, below: directory) else { continue }
            // The last thing that the loader does, once.
            if call.name == "set_tid_address", loading.isEmpty {
                loading = Dictionary(counts.map { ($0.key.name, $0.value) }, uniquingKeysWith: max)
            }
            let onAny = CountedCall(name: call.name, path: nil, thread: call.thread)
            counts[onAny, default: 0] += 1
            if call.path != nil { counts[call, default: 0] += 1 }
            guard !foundations.contains(call.name) else { continue }
            for error in errors where !waits.contains(call.name) || error == nil || error == "EINTR" {
                found.insert(SystemFault(call: call.name, path: call.path, number: counts[call] ?? 0, error: error))
            }
        }
        return found.filter { $0.path != nil || $0.number > loading[$0.call] ?? 0 }.map { ($0, $0.place) }
            .sorted { $0.1 < $1.1 }.map(\.0)
    }
}

/// A line of strace's that tells of a call.
private struct CountedCall: Hashable {
    let name: String
    let path: String?
    let thread: Substring

    init(name: String, path: String?, thread: Substring) {
        self.name = name
        self.path = path
        self.thread = thread
    }

    /// Nil for what is no call; the path is that of a file below `directory` that is there in every run.
    init?(_ line: Substring, below directory: FilePath) {
        let parts = line.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let open = parts[1].firstIndex(of: "(") else { return nil }
        let name = parts[1][..<open].filter { $0 != " " }
        guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else { return nil }
        // What follows is the result, where the path of a new descriptor stands.
        let words = (parts[1].firstRange(of: ") = ").map { parts[1][..<$0.lowerBound] } ?? parts[1])
            .split { "<>\"".contains($0) }
        // By the path of a socket strace finds no call.
        let own = line.contains("sun_path=") ? nil : words.first { $0.hasPrefix("\(directory)/") }.map(String.init)
        // A file that is still to be renamed has another name each time.
        let isPassing = own.flatMap { FilePath($0).lastComponent }?.string.hasPrefix(".") ?? false
        self.init(name: name, path: isPassing ? nil : own, thread: parts[0])
    }
}

extension SystemFault: CustomStringConvertible {
    var description: String {
        let place = path.flatMap { FilePath($0).lastComponent }.map { " on \($0)" } ?? ""
        return "\(error ?? "SIGKILL") at \(call) \(number)\(place)"
    }

    /// A number that only this fault has, as good as.
    private var place: UInt64 {
        var generator = SeededGenerator(seed: description.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
        return generator.next()
    }
}
