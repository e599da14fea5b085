import HAProxyKit
import SystemPackage

/// The HAProxy process behind each socket as it was last seen: another one has lost what was only in its memory.
struct Processes: Sendable {
    typealias Instant = ContinuousClock.Instant

    private var seen: [FilePath: SeenProcess] = [:]

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
    mutating func meet(_ process: HAProxyProcess, on socket: FilePath, at now: Instant) -> Encounter {
        guard let before = seen.updateValue(SeenProcess(process, at: now), forKey: socket) else { return .first }
        return before.isStill(process, at: now) ? .same : .another
    }
}
