import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage

/// Memory, wire, disk, in this order: what HAProxy refuses never reaches the disk, and what was half done is undone.
struct LiveStep: Sendable {
    /// How often a reload that comes between memory and disk makes the work start anew.
    static let attempts = 3

    let candidate: Candidate
    let served: Served?
    let file: BundleFile
    let observer: Observer
    let inventory: Inventory

    /// Carries the candidate through HAProxy's memory to the wire and moves `staged` into place.
    ///
    /// The handshakes of `look` are the baseline: only where one worked is the wire a proof.
    /// - Throws: what went wrong, and what was done about it: see ``DeploymentError/Aftermath``.
    func run(_ look: Observation, staged: consuming StagedFile) async throws -> [Finding] {
        let proofs = look.wire.filter(\.isProvable)
        var staged: StagedFile? = consume staged
        var findings: [Finding] = []
        var moved = Moved()
        do {
            var stations = look.memory
            for attempt in 1...LiveStep.attempts {
                do {
                    for station in stations where !station.isDown && !station.holds(candidate.bundle) {
                        moved.memory.append(try await load(into: station))
                    }
                    try await prove(on: proofs)
                } catch {
                    // What a process that is gone was told says nothing about the one that took its place.
                    let now = await observer.memory()
                    guard attempt < LiveStep.attempts, now.map(\.process?.pid) != stations.map(\.process?.pid),
                        now.contains(where: { !$0.isDown })
                    else { throw error }
                    stations = now
                    continue
                }
                if let file = staged.take() {
                    findings = try self.file.install(file)
                    moved.disk = true
                }
                stations = await observer.memory()
                guard stations.contains(where: { !$0.isDown && !$0.holds(candidate.bundle) }) else {
                    return findings + (await doubts(look, stations))
                }
            }
            throw DeploymentError.keepsReloading(socket: stations.first?.socket ?? file.path.string)
        } catch {
            throw DeploymentError.undone(cause: error, aftermath: await undo(moved, staged: staged.take()))
        }
    }

    /// Replaces the certificate on one socket.
    private func load(into station: Observation.MemoryStation) async throws -> Moved.Memory {
        let transactions = Transactions(state: inventory.state, world: inventory.world)
        let api = inventory.world.runtime(station.socket)
        try await transactions.clear(on: station, api: api)
        try transactions.note(candidate.bundle.leaf, on: station)
        let isNew = station.certificate == nil
        do {
            if isNew {
                try await create(on: station, api: api)
            } else {
                try await api.replaceCertificate(named: station.name, with: candidate.rendered)
            }
        } catch {
            try? await transactions.forgetIfClosed(on: station, api: api)
            // The answer to a commit can be lost on its way: what HAProxy shows decides.
            guard let loaded = try? await api.certificate(named: station.name), holdsCandidate(loaded) else {
                throw error
            }
        }
        try inventory.state.forgetIntent(for: station.socket)
        guard let loaded = try await api.certificate(named: station.name), holdsCandidate(loaded) else {
            throw DeploymentError.notTaken(name: station.name, socket: station.socket)
        }
        return Moved.Memory(station: station, isNew: isNew)
    }

    private func holdsCandidate(_ loaded: LoadedCertificate) -> Bool {
        loaded.holds(candidate.bundle.leaf, chain: candidate.bundle.chain)
    }

    /// Adds a name that HAProxy does not know yet, where its configuration says which directory or list it belongs to.
    private func create(on station: Observation.MemoryStation, api: RuntimeAPI) async throws {
        guard let list = observer.list(loading: station.name) else {
            throw DeploymentError.nameUnknown(name: station.name, socket: station.socket)
        }
        try await api.createCertificate(named: station.name, in: list, with: candidate.rendered)
    }

    /// What addresses that could not be a proof show now: no failure, but somebody has to know.
    private func doubts(_ look: Observation, _ memory: [Observation.MemoryStation]) async -> [Finding] {
        var found: [Finding] = []
        for station in look.wire where station.notProvable == nil && !station.showsMemory {
            let now = await observer.look(at: station, memory)
            found += now.findings(for: candidate.generation.lineage.name, memory: memory)
        }
        return found
    }

    /// The new leaf on every address where the handshake before the deployment worked.
    private func prove(on stations: [Observation.WireStation]) async throws(DeploymentError) {
        let expected = candidate.bundle.leaf.fingerprint
        for station in stations {
            switch await observer.handshake(at: station.address, for: station.serverName) {
            case .success(let chain) where chain.leafFingerprint == expected: continue
            case .success(let chain):
                throw .notServed(
                    address: station.address.description, served: chain.leafFingerprint, expected: expected)
            case .failure(let error): throw .unprovable(address: station.address.description, cause: error)
            }
        }
    }
}

/// What a live deployment has changed so far.
struct Moved: Sendable {
    struct Memory: Sendable {
        let station: Observation.MemoryStation
        /// Whether HAProxy did not know the name before.
        let isNew: Bool
    }

    var memory: [Memory] = []
    var disk = false
}
