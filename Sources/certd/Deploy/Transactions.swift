import CertKit
import Glibc
import HAProxyKit

/// Whose transaction is open: HAProxy does not tell, so certd notes its own before it opens one.
///
/// Under the host-wide lock no other certd is at work, so an intent that is still noted has lost its owner.
struct Transactions: Sendable {
    let state: StateDirectory
    let world: World

    /// Ends what a killed run left behind on `stations`: its transaction, where one is open, and the note of it.
    ///
    /// A note that outlived its transaction would explain somebody else's later.
    func settle(on stations: [Observation.MemoryStation]) async {
        for station in stations where state.intents().contains(where: { $0.socket == station.socket }) {
            do {
                if !station.isDown { try await clear(on: station, api: world.runtime(station.socket)) }
            } catch RuntimeError.foreignTransaction {
                // A process has one in all, so ours is no more.
            } catch {
                // HAProxy is in trouble, and our transaction may be open still.
                continue
            }
            try? state.forgetIntent(for: station.socket)
        }
    }

    /// Makes sure that no transaction is open, aborting one that a killed run of certd left behind.
    ///
    /// - Throws: ``RuntimeError`` when somebody else's transaction is open.
    func clear(on station: Observation.MemoryStation, api: RuntimeAPI) async throws {
        guard let open = try await api.openTransaction() else { return }
        let process = try await api.processInfo().pid
        let isOurs = state.intents().contains { intent in
            intent.socket == station.socket && intent.name == open && intent.bootID == world.bootID()
                && intent.haproxyProcessID == process
        }
        guard isOurs else {
            throw RuntimeError.foreignTransaction(name: open, wanted: station.name, socket: station.socket)
        }
        try await api.abortTransaction(named: open)
    }

    /// Notes that the leaf of this fingerprint is about to be put on `station`, whose process may be a new one by now.
    func note(_ leaf: Fingerprint, on station: Observation.MemoryStation, api: RuntimeAPI) async throws {
        try state.note(
            StateDirectory.Intent(
                socket: station.socket, name: station.name, sha256: leaf.description, bootID: world.bootID(),
                haproxyProcessID: try await api.processInfo().pid, processID: getpid()))
    }

    /// Forgets the intent when nothing of it is left open.
    func forgetIfClosed(on station: Observation.MemoryStation, api: RuntimeAPI) async throws {
        guard try await api.openTransaction() == nil else { return }
        try state.forgetIntent(for: station.socket)
    }
}
