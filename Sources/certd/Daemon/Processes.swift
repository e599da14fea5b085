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

    /// What a process is that answers.
    enum Encounter: Sendable {
        /// The first one seen on its socket; whether it has what was in another's memory nobody knows.
        case first
        /// The one that was there before.
        case same
        /// One that took its place.
        case another
    }

    /// Takes note of what answered on `socket` at `now`.
    ///
    /// In a container every process may be number 1; another one is then younger than the one before would be.
    mutating func meet(_ process: HAProxyProcess, on socket: FilePath, at now: Instant) -> Encounter {
        let before = seen.updateValue(Seen(pid: process.pid, uptime: process.uptime, at: now), forKey: socket)
        guard let before else { return .first }
        let passed = Int((now - before.at) / .seconds(1))
        let isYounger = process.uptime + 2 < before.uptime + passed
        return before.pid == process.pid && !isYounger ? .same : .another
    }
}
