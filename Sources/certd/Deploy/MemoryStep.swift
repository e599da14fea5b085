import CertKit
import HAProxyKit

/// Changes what one HAProxy process has loaded, so that a run killed in the middle leaves nothing unexplained; only in the
/// run's ``RunLedger/lane``.
struct MemoryStep: Sendable {
    let station: Observation.MemoryStation
    let api: RuntimeAPI
    private let transactions: Transactions

    init(on station: Observation.MemoryStation, inventory: Inventory) {
        self.station = station
        var api = inventory.world.runtime(station.socket)
        api.bufferSize = inventory.configuration?.bufferSize
        self.api = api
        transactions = Transactions(of: inventory)
    }

    /// Puts the candidate there; a name that HAProxy does not serve yet is added to the directory or list that its
    /// configuration loads it from. Gives what is to be said about companions left out.
    func load(_ candidate: Candidate) async throws -> [Finding] {
        let companions = Companions(station.companions, for: candidate.bundle.leaf)
        var refused: [RefusedCompanion] = []
        let rendered = candidate.rendered
        let prepared = try await transactions.prepare(rendered, with: companions.payloads, on: station, by: api)
        try transactions.note(candidate.bundle.leaf.fingerprint, on: station, of: prepared.process)
        try await answered(by: { $0.holds(candidate.bundle.leaf, chain: candidate.bundle.chain) }) {
            if station.needsListing, let list = station.list {
                refused = try await api.createCertificate(
                    named: station.name, in: list, with: rendered, companions: companions.payloads, asPrepared: prepared
                )
            } else {
                refused = try await api.replaceCertificate(
                    named: station.name, with: rendered, companions: companions.payloads, asPrepared: prepared)
            }
        }
        return companions.findings + companions.findings(refused)
    }

    /// Reads back that the candidate is there: HAProxy's own word for it is not enough. Gives the station as it is now.
    func verified(_ candidate: Candidate) async throws -> Observation.MemoryStation {
        let loaded = try await api.certificate(named: station.name)
        guard loaded?.holds(candidate.bundle.leaf, chain: candidate.bundle.chain) == true else {
            throw DeploymentError.notTaken(name: station.name, socket: station.socket)
        }
        return station.loading(loaded)
    }

    /// Puts back what was there before.
    func restore(_ pem: Restorable.PEM) async throws {
        let companions = Companions(station.companions, for: pem.bundle.leaf)
        let prepared = try await transactions.prepare(pem.bytes, with: companions.payloads, on: station, by: api)
        // To bring back what was served counts for more than the note of it.
        try? transactions.note(pem.fingerprint, on: station, of: prepared.process)
        try await answered(by: { $0.leaf?.sha1 == pem.sha1 }) {
            try await api.replaceCertificate(
                named: station.name, with: pem.bytes, companions: companions.payloads, asPrepared: prepared)
        }
    }

    /// Takes a name away again that was added.
    func remove(from list: String) async throws {
        try await api.deleteCertificate(named: station.name, in: list)
    }

    /// Does `work`. The answer to a commit can be lost on its way, so after an error what HAProxy shows decides.
    private func answered(by isThere: (LoadedCertificate) -> Bool, _ work: () async throws -> Void) async throws {
        do {
            try await work()
        } catch {
            guard let loaded = try? await api.certificate(named: station.name), isThere(loaded),
                station.list == nil || loaded.status == .used
            else { throw error }
        }
    }
}
