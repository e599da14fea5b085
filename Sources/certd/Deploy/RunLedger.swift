import Synchronization

/// What the deployments of one run have in common, several of which go on at the same time under the host-wide lock.
final class RunLedger: Sendable {
    /// Whoever is in it may open a transaction: a HAProxy process has one in all.
    let lane = Lane()
    /// The directories that were tidied up, before anything of this run was in them.
    let tidied = Searched()
    private let state: Mutex<State>

    private struct State {
        var left: [StateDirectory.Intent]
        var noted: [StateDirectory.Intent] = []
        var doubtful: Set<String> = []
    }

    /// `left` are the notes of transactions that runs which were killed have left.
    init(left: [StateDirectory.Intent] = []) { state = Mutex(State(left: left)) }

    /// Whether a killed run has left a note for `socket`.
    func hasLeft(on socket: String) -> Bool {
        state.withLock { state in state.left.contains { $0.socket == socket } }
    }

    /// What was left for `socket` has come to its end.
    func settled(_ socket: String) {
        state.withLock { state in state.left.removeAll { $0.socket == socket } }
    }

    /// A transaction is begun, the only one that its socket's process can have. Gives all that are to be noted.
    func begin(_ intent: StateDirectory.Intent) -> [StateDirectory.Intent] {
        state.withLock { state in
            state.noted.removeAll { $0.socket == intent.socket }
            state.noted.append(intent)
            return state.left.filter { $0.socket != intent.socket } + state.noted
        }
    }

    /// What explains a transaction that is open on `socket`: one that a killed run has left, or this run's own for `name`.
    func intents(for name: String, on socket: String) -> [StateDirectory.Intent] {
        state.withLock { state in
            (state.left + state.noted.filter { $0.name == name }).filter { $0.socket == socket }
        }
    }

    /// Something went wrong with a transaction on `socket`, so it may be open still.
    func doubt(_ socket: String) { state.withLock { _ = $0.doubtful.insert(socket) } }

    /// The sockets that transactions were noted for, and whether one may be open still.
    var transactions: [(socket: String, mayBeOpen: Bool)] {
        state.withLock { state in
            state.noted.map { ($0.socket, mayBeOpen: state.doubtful.contains($0.socket)) }
        }
    }
}
