import CertKit
import Glibc
import HAProxyKit

/// Whose transaction is open: HAProxy does not tell, so certd notes its own before it opens one.
struct Transactions: Sendable {
    let state: StateDirectory
    let world: World

    /// Makes sure that no transaction is open, aborting one that a killed run of certd left behind.
    ///
    /// Under the host-wide lock no other certd is at work, so an intent that is still noted has lost its owner.
    ///
    /// - Throws: ``RuntimeError`` when somebody else's transaction is open.
    func clear(on station: Observation.MemoryStation, api: RuntimeAPI) async throws {
        guard let open = try await api.openTransaction() else { return }
        let isOurs = state.intents().contains { intent in
            intent.socket == station.socket && intent.name == open && intent.bootID == world.bootID()
                && intent.haproxyProcessID == station.process?.pid
        }
        guard isOurs else {
            throw RuntimeError.foreignTransaction(name: open, wanted: station.name, socket: station.socket)
        }
        try await api.abortTransaction(named: open)
    }

    /// Notes that `leaf` is about to be put on `station`.
    func note(_ leaf: Certificate, on station: Observation.MemoryStation) throws {
        try state.note(
            StateDirectory.Intent(
                socket: station.socket, name: station.name, sha256: leaf.fingerprint.description,
                bootID: world.bootID(),
                haproxyProcessID: station.process?.pid, processID: getpid()))
    }

    /// Forgets the intent when nothing of it is left open.
    func forgetIfClosed(on station: Observation.MemoryStation, api: RuntimeAPI) async throws {
        guard try await api.openTransaction() == nil else { return }
        try state.forgetIntent(for: station.socket)
    }
}
