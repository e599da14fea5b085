internal import CLinux
import CertKit
import Synchronization

/// Looks on behalf of whoever asks for the status, beside the daemon's loop.
///
/// Whoever asks often gets what was seen a moment ago: looking takes at most a tenth of the time, or half of it while the
/// daemon deploys, however many ask. What was seen is kept no longer than it is shown.
final class StatusDesk: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// However little it costs, nobody sees a change within this.
    private static let shortest = Duration.seconds(1)
    /// However much it costs, everybody does after this.
    private static let longest = Duration.seconds(300)

    private let look: @Sendable () async throws -> Sight
    /// A number that differs when the daemon has done something.
    private let version: @Sendable () -> Int
    private let memory: Memory
    private let forgetting: Alarm

    private final class Memory: Sendable {
        let state = Mutex(State())
    }

    private struct State {
        var last: Seen?
        var looking: (number: Int, task: Task<Sight, any Error>)?
        var begun = 0
    }

    /// One look, with what it cost and what it may have missed.
    private struct Seen {
        let sight: Sight
        let end: Instant
        let cost: Duration
        let version: Int

        /// How long it is shown while the daemon does nothing.
        var life: Duration { min(max(cost * 10, StatusDesk.shortest), StatusDesk.longest) }

        func holds(at now: Instant, _ version: Int) -> Bool {
            now - end < (version == self.version ? life : cost)
        }
    }

    init(version: @escaping @Sendable () -> Int = { 0 }, _ look: @escaping @Sendable () async throws -> Sight) {
        let memory = Memory()
        (self.look, self.version, self.memory) = (look, version, memory)
        forgetting = Alarm {
            memory.state.withLock { $0.last = nil }
            // What thousands of lineages were shown with would stay the process's for good otherwise.
            malloc_trim(0)
        }
    }

    /// What is to be seen; where it has to be `fresh`, by a look that begins now.
    func sight(fresh isFresh: Bool = false) async throws -> Sight {
        let version = version()
        let (seen, asked) = memory.state.withLock { state -> (Sight?, Int) in
            guard !isFresh, let last = state.last else { return (nil, state.begun) }
            // Who comes while somebody looks already is not kept waiting.
            return (state.looking != nil || last.holds(at: .now, version) ? last.sight : nil, state.begun)
        }
        if let seen { return seen }
        while true {
            let (number, task) = memory.state.withLock { begin(&$0) }
            // One that began before may miss what has happened since.
            guard isFresh, number <= asked else { return try await task.value }
            _ = await task.result
        }
    }

    private func begin(_ state: inout State) -> (number: Int, task: Task<Sight, any Error>) {
        if let looking = state.looking { return looking }
        state.begun += 1
        let number = state.begun
        // Not on Swift's pool, see ``DaemonExecutor``.
        let task = Task(executorPreference: DaemonExecutor()) { try await self.begin(number) }
        state.looking = (number, task)
        return (number, task)
    }

    private func begin(_ number: Int) async throws -> Sight {
        let (start, version) = (Instant.now, version())
        defer { memory.state.withLock { $0.looking = nil } }
        let sight = try await look()
        let seen = Seen(sight: sight, end: .now, cost: .now - start, version: version)
        memory.state.withLock { $0.last = seen }
        forgetting.set(to: seen.end + seen.life)
        return sight
    }
}
