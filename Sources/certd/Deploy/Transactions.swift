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
                if !station.isDown { try await clear(on: station, by: world.runtime(station.socket)) }
            } catch RuntimeError.foreignTransaction {
                // A process has one in all, so ours is no more.
            } catch {
                // HAProxy is in trouble, and our transaction may be open still.
                continue
            }
            try? state.forgetIntent(for: station.socket)
        }
    }

    /// Makes sure that HAProxy can take `pem` on `station` and that no transaction is open there, aborting one that a killed
    /// run of certd left behind.
    ///
    /// - Throws: ``RuntimeError`` when somebody else's transaction is open.
    func prepare(
        _ pem: SecretBytes, on station: Observation.MemoryStation, by api: RuntimeAPI
    ) async throws -> PreparedChange {
        let prepared = try await api.prepare(station.name, with: pem)
        if let open = prepared.openTransaction {
            try await end(open, of: prepared.process, on: station, by: api)
        }
        return prepared
    }

    /// Notes that the leaf of this fingerprint is about to be put on `station`, into the process that answered last: it may
    /// be another one than was looked at.
    func note(_ leaf: Fingerprint, on station: Observation.MemoryStation, of process: HAProxyProcess) throws {
        try state.note(
            StateDirectory.Intent(
                socket: station.socket, name: station.name, sha256: leaf.description, bootID: world.bootID(),
                haproxyProcessID: process.pid, processID: getpid()))
    }

    private func clear(on station: Observation.MemoryStation, by api: RuntimeAPI) async throws {
        guard let open = try await api.openTransaction() else { return }
        try await end(open, of: try await api.processInfo(), on: station, by: api)
    }

    /// Aborts the transaction that is open for `name` where a killed run of certd left it behind.
    private func end(
        _ name: String, of process: HAProxyProcess, on station: Observation.MemoryStation, by api: RuntimeAPI
    ) async throws {
        let isOurs = state.intents().contains { intent in
            intent.socket == station.socket && intent.name == name && intent.bootID == world.bootID()
                && intent.haproxyProcessID == process.pid
        }
        guard isOurs else {
            throw RuntimeError.foreignTransaction(name: name, wanted: station.name, socket: station.socket)
        }
        try await api.abortTransaction(named: name)
    }

    /// Forgets the intent when nothing of it is left open.
    func forgetIfClosed(on station: Observation.MemoryStation, api: RuntimeAPI) async throws {
        guard try await api.openTransaction() == nil else { return }
        try state.forgetIntent(for: station.socket)
    }
}
