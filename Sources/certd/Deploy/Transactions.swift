import CertKit
import Glibc
import HAProxyKit

/// Whose transaction is open: HAProxy does not tell, so certd notes its own before it opens one.
///
/// Under the host-wide lock no other certd is at work, so an intent that was noted when the run began has lost its owner.
struct Transactions: Sendable {
    private let state: StateDirectory
    private let world: World
    private let ledger: RunLedger

    init(of inventory: Inventory) {
        (state, world, ledger) = (inventory.state, inventory.world, inventory.ledger)
    }

    /// Ends what a killed run left behind on `stations`: its transaction, where one is open, and the note of it.
    ///
    /// A note that outlived its transaction would explain somebody else's later.
    func settle(on stations: [Observation.MemoryStation]) async {
        for station in stations where ledger.hasLeft(on: station.socket) {
            await ledger.lane.alone { await settle(on: station) }
        }
    }

    private func settle(on station: Observation.MemoryStation) async {
        guard ledger.hasLeft(on: station.socket) else { return }
        do {
            if !station.isDown { try await clear(on: station, by: world.runtime(station.socket)) }
        } catch RuntimeError.foreignTransaction {
            // A process has one in all, so ours is no more.
        } catch {
            // HAProxy is in trouble, and our transaction may be open still.
            return
        }
        ledger.settled(station.socket)
        try? state.forgetIntent(for: station.socket)
    }

    /// Forgets the notes of this run, whose transactions have come to their end.
    ///
    /// One that stays, because something is open still, or because the disk is full or read-only, is settled by the next run.
    func forget() async {
        for (socket, mayBeOpen) in ledger.transactions {
            if mayBeOpen { guard await nothingIsOpen(on: socket) else { continue } }
            try? state.forgetIntent(for: socket)
        }
    }

    private func nothingIsOpen(on socket: String) async -> Bool {
        do throws(RuntimeError) {
            return try await world.runtime(socket).ongoingTransaction() == nil
        } catch {
            return false
        }
    }

    /// Makes sure that HAProxy can take `pem` on `station` and that no transaction is open there, aborting one that a killed
    /// run of certd left behind.
    ///
    /// Where `companions` are to follow the process is asked anew: a longer one than it takes could end it.
    /// - Throws: ``RuntimeError`` when somebody else's transaction is open.
    func prepare(
        _ pem: SecretBytes, with companions: [CompanionPayload], on station: Observation.MemoryStation,
        by api: RuntimeAPI
    ) async throws -> PreparedChange {
        let prepared = try await api.prepare(
            station.name, with: pem, into: companions.isEmpty ? station.process : nil)
        if let open = prepared.openTransaction {
            try await end(open, of: prepared.process, on: station, by: api)
        }
        return prepared
    }

    /// Notes that the leaf of this fingerprint is about to be put on `station`, into that process.
    func note(_ leaf: Fingerprint, on station: Observation.MemoryStation, of process: HAProxyProcess) throws {
        let intent = StateDirectory.Intent(
            socket: station.socket, name: station.name, sha256: leaf.description, bootID: world.bootID(),
            haproxyProcessID: process.pid, processID: getpid())
        try state.note(ledger.begin(intent))
    }

    private func clear(on station: Observation.MemoryStation, by api: RuntimeAPI) async throws {
        guard let open = try await api.ongoingTransaction() else { return }
        try await end(open, of: try await api.processInfo(), on: station, by: api)
    }

    /// Aborts the transaction that is open for `name` where a killed run of certd left it behind, or this one, in trying.
    private func end(
        _ name: String, of process: HAProxyProcess, on station: Observation.MemoryStation, by api: RuntimeAPI
    ) async throws {
        let isOurs = ledger.intents(for: station.name, on: station.socket).contains { intent in
            intent.name == name && intent.bootID == world.bootID() && intent.haproxyProcessID == process.pid
        }
        guard isOurs else {
            throw RuntimeError.foreignTransaction(name: name, wanted: station.name, socket: station.socket)
        }
        try await api.abortTransaction(named: name)
    }
}
