import HAProxyKit

extension HAProxyProcess {
    /// Whether this is the process that was `old` a moment ago; in a container all may have one process id.
    func isSame(as old: HAProxyProcess) -> Bool { pid == old.pid && uptime >= old.uptime }
}

/// A HAProxy process as it was seen at some time.
struct SeenProcess: Sendable {
    private let pid: Int
    /// In whole seconds.
    private let uptime: Int
    private let at: ContinuousClock.Instant

    init(_ process: HAProxyProcess, at now: ContinuousClock.Instant = .now) {
        (pid, uptime, at) = (process.pid, process.uptime, now)
    }

    /// Whether `process`, which is seen `now`, is still the same.
    ///
    /// In a container every process may be number 1; another one is then younger than the one before would be.
    func isStill(_ process: HAProxyProcess, at now: ContinuousClock.Instant = .now) -> Bool {
        let passed = Int((now - at) / .seconds(1))
        return process.pid == pid && process.uptime + 2 >= uptime + passed
    }
}
