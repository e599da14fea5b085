import HAProxyKit
import SystemPackage

/// The HAProxy process behind each socket as it was last seen: another one has lost what was only in its memory.
struct Processes: Sendable {
    typealias Instant = ContinuousClock.Instant

    private struct Seen: Sendable {
        let pid: Int
        /// In whole seconds.
        let uptime: Int
        let at: Instant
    }

    private var seen: [FilePath: Seen] = [:]

    /// Takes note of what answered on `socket` at `now`; true where it is another process than before.
    ///
    /// In a container every process may be number 1; then it is younger than it would be.
    mutating func isAnother(_ process: HAProxyProcess, on socket: FilePath, at now: Instant) -> Bool {
        let before = seen.updateValue(Seen(pid: process.pid, uptime: process.uptime, at: now), forKey: socket)
        guard let before, before.pid == process.pid else { return true }
        let passed = Int((now - before.at) / .seconds(1))
        return process.uptime + 2 < before.uptime + passed
    }
}
