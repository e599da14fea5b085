import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage

/// Memory, wire, disk, in this order: what HAProxy refuses never reaches the disk, and what was half done is undone.
struct LiveStep: Sendable {
    /// How often a reload that comes between memory and disk makes the work start anew.
    static let attempts = 3

    let candidate: Candidate
    let file: BundleFile
    let observer: Observer
    let inventory: Inventory

    /// How it went.
    struct Outcome: Sendable {
        var findings: [Finding] = []
        /// When handshakes had shown the new leaf at first; nil where none can.
        fileprivate(set) var proven: ContinuousClock.Instant?
    }

    /// Carries the candidate through HAProxy's memory to the wire and moves `staged` into place.
    ///
    /// - Throws: what went wrong, and what was done about it: see ``DeploymentError/Aftermath``.
    func run(_ look: Observation, staged: consuming StagedBundle) async throws(DeploymentError) -> Outcome {
        var moved = Moved()
        do {
            let outcome = try await carry(look, staged: staged, &moved)
            for station in moved.memory { MemoryStep(on: station, inventory: inventory).forget() }
            return outcome
        } catch {
            let generation = candidate.generation
            let restorable = Restorable(
                lineage: generation.lineage, installed: look.bundle.installed, archive: generation.archive,
                now: inventory.world.now())
            let undo = Undo(
                candidate: candidate, file: file, restorable: restorable, observer: observer, inventory: inventory)
            let aftermath = await undo.run(moved)
            for station in moved.memory { await MemoryStep(on: station, inventory: inventory).forgetIfClosed() }
            throw .undone(cause: error, aftermath: aftermath)
        }
    }

    /// The handshakes of `look` are the baseline: only where one worked is the wire a proof.
    private func carry(
        _ look: Observation, staged: consuming StagedBundle, _ moved: inout Moved
    ) async throws -> Outcome {
        let proofs = look.wire.filter(\.isProvable)
        var staged: StagedBundle? = consume staged
        var outcome = Outcome()
        var stations = look.memory
        for _ in 1...LiveStep.attempts {
            do {
                var steps: [MemoryStep] = []
                for station in stations where !station.isDown && !station.holds(candidate.bundle) {
                    moved.begin(station)
                    let step = MemoryStep(on: station, inventory: inventory)
                    outcome.findings += try await step.load(candidate)
                    steps.append(step)
                }
                async let proof: Void = prove(on: proofs)
                for step in steps { try await step.verify(candidate) }
                try await proof
                if !proofs.isEmpty, outcome.proven == nil { outcome.proven = .now }
                if let file = staged.take() { outcome.findings += try install(file, &moved) }
                // A reload that came before the disk moved has loaded the old file.
                let now = await observer.memory()
                if now.contains(where: { !$0.isDown && !$0.holds(candidate.bundle) }) {
                    stations = now
                    continue
                }
                // What the same processes have shown on the wire they still serve, since their memory still holds it.
                if now.contains(where: { !$0.isDown }), !now.areSameProcesses(as: stations) {
                    try await prove(on: proofs)
                }
                outcome.findings += await doubts(look, now) + gone(between: look.memory, and: now)
                outcome.findings = outcome.findings.withoutRepetitions
                return outcome
            } catch {
                // What a process that is gone was told says nothing about the one that took its place.
                let now = await observer.memory()
                guard !(error is WriteError), now.map(\.process?.pid) != stations.map(\.process?.pid),
                    now.contains(where: { !$0.isDown })
                else { throw error }
                stations = now
            }
        }
        throw DeploymentError.keepsReloading(socket: stations.first?.socket ?? file.path.string)
    }

    private func install(_ staged: consuming StagedBundle, _ moved: inout Moved) throws(WriteError) -> [Finding] {
        do throws(WriteError) {
            let findings = try file.install(staged)
            moved.disk = true
            return findings
        } catch {
            // Of two files the first may stand there already.
            if case .notDurable = error { moved.disk = true } else if file.keyPath != nil { moved.disk = true }
            throw error
        }
    }

    /// The new leaf on every address where the handshake before the deployment worked.
    private func prove(on stations: [Observation.WireStation]) async throws(DeploymentError) {
        let expected = candidate.bundle.leaf.fingerprint
        for station in stations {
            switch await observer.handshake(
                at: station.address, for: station.serverName, by: candidate.bundle.leaf.algorithm)
            {
            case .success(let chain) where chain.leafFingerprint == expected: continue
            case .success(let chain):
                throw .notServed(
                    address: station.address.description, served: chain.leafFingerprint, expected: expected)
            case .failure(let error): throw .unprovable(address: station.address.description, cause: error)
            }
        }
    }

    /// What addresses that could not be a proof show now: no failure, but somebody has to know.
    private func doubts(_ look: Observation, _ memory: [Observation.MemoryStation]) async -> [Finding] {
        var now = Observation(bundle: look.bundle, memory: memory, wire: [])
        for station in look.wire where station.notProvable == nil && !station.showsMemory {
            now.wire.append(await observer.look(at: station, memory))
        }
        return now.doubts(about: candidate.generation.lineage)
    }

    /// Sockets that answered at first and where nothing listens now.
    private func gone(
        between before: [Observation.MemoryStation], and now: [Observation.MemoryStation]
    ) -> [Finding] {
        let answered = Set(before.filter { !$0.isDown }.map(\.socket))
        return now.filter { $0.isDown && answered.contains($0.socket) }.map { station in
            Finding(
                .haproxyUnreachable,
                "HAProxy stopped listening on \(station.socket) meanwhile; its next start loads the new bundle",
                remedy: "look with systemctl status haproxy", location: station.socket)
        }.withoutRepetitions
    }
}

extension [Observation.MemoryStation] {
    /// Whether each was there before and none has been started anew since; in a container all may have one process id.
    fileprivate func areSameProcesses(as before: Self) -> Bool {
        allSatisfy { station in
            guard let old = before.first(where: { $0.isSame(as: station) }) else { return false }
            guard let new = station.process, let old = old.process else { return station.isDown && old.isDown }
            return new.pid == old.pid && new.uptime >= old.uptime
        }
    }
}

extension Array where Element: Hashable {
    /// Each member once: several names asked for at one address may find the same thing.
    var withoutRepetitions: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
