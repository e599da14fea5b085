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

    /// Carries the candidate through HAProxy's memory to the wire and moves `staged` into place.
    ///
    /// - Throws: what went wrong, and what was done about it: see ``DeploymentError/Aftermath``.
    func run(_ look: Observation, staged: consuming StagedBundle) async throws(DeploymentError) -> [Finding] {
        var moved = Moved()
        do {
            return try await carry(look, staged: staged, &moved)
        } catch {
            let generation = candidate.generation
            let restorable = Restorable(
                lineage: generation.lineage, installed: look.bundle.installed, archive: generation.archive,
                now: inventory.world.now())
            let undo = Undo(
                candidate: candidate, file: file, restorable: restorable, observer: observer, inventory: inventory)
            throw .undone(cause: error, aftermath: await undo.run(moved))
        }
    }

    /// The handshakes of `look` are the baseline: only where one worked is the wire a proof.
    private func carry(
        _ look: Observation, staged: consuming StagedBundle, _ moved: inout Moved
    ) async throws -> [Finding] {
        let proofs = look.wire.filter(\.isProvable)
        var staged: StagedBundle? = consume staged
        var findings: [Finding] = []
        var stations = look.memory
        for _ in 1...LiveStep.attempts {
            do {
                for station in stations where !station.isDown && !station.holds(candidate.bundle) {
                    moved.begin(station)
                    findings += try await MemoryStep(on: station, inventory: inventory).load(candidate)
                }
                try await prove(on: proofs)
                if let file = staged.take() { findings += try install(file, &moved) }
                // A reload that came before the disk moved has loaded the old file.
                let now = await observer.memory()
                if now.contains(where: { !$0.isDown && !$0.holds(candidate.bundle) }) {
                    stations = now
                    continue
                }
                if now.contains(where: { !$0.isDown }) { try await prove(on: proofs) }
                findings += await doubts(look, now)
                return (findings + gone(between: look.memory, and: now)).withoutRepetitions
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

extension Array where Element: Hashable {
    /// Each member once: several names asked for at one address may find the same thing.
    var withoutRepetitions: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
