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
    /// Where handshakes are to show the new leaf.
    let proofs: [Observation.WirePlace]

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
            return try await carry(look, staged: staged, &moved)
        } catch {
            let generation = candidate.generation
            let restorable = Restorable(
                lineage: generation.lineage, installed: look.bundle.installed, archive: generation.archive,
                now: inventory.world.now())
            let undo = Undo(
                candidate: candidate, file: file, restorable: restorable, observer: observer, inventory: inventory)
            let aftermath = await undo.run(moved)
            for station in moved.memory { inventory.ledger.doubt(station.socket) }
            throw .undone(cause: error, aftermath: aftermath)
        }
    }

    private func carry(
        _ look: Observation, staged: consuming StagedBundle, _ moved: inout Moved
    ) async throws -> Outcome {
        var staged: StagedBundle? = consume staged
        var outcome = Outcome()
        var stations = look.memory
        for _ in 1...LiveStep.attempts {
            do {
                let steps = stations.filter { !$0.isDown && !$0.holds(candidate.bundle) }
                    .map { MemoryStep(on: $0, inventory: inventory) }
                outcome.findings += try await inventory.ledger.lane.alone {
                    var findings: [Finding] = []
                    for step in steps {
                        moved.begin(step.station)
                        findings += try await step.load(candidate)
                    }
                    return findings
                }
                var now = try await shown(by: steps, stations, look)
                if !proofs.isEmpty, outcome.proven == nil { outcome.proven = .now }
                if let file = staged.take() { outcome.findings += try install(file, &moved) }
                // A reload that came before the disk moved has loaded the old file; else the same processes still hold and
                // serve what they have shown.
                if await !observer.areStill(stations) {
                    now = await observer.memory()
                    if now.contains(where: { !$0.isDown && !$0.holds(candidate.bundle) }) {
                        stations = now
                        continue
                    }
                    if now.contains(where: { !$0.isDown }) { try await prove() }
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

    /// Has the new certificate shown: on the wire, and by each HAProxy that was changed, whose word at its commit is not enough.
    /// Gives the stations as they are then, as far as anybody goes by what they have loaded.
    private func shown(
        by steps: [MemoryStep], _ stations: [Observation.MemoryStation], _ look: Observation
    ) async throws -> [Observation.MemoryStation] {
        let isWhole = try await prove()
        // What a single process serves, to the byte, it has loaded: it need not be asked.
        if isWhole, stations.count == 1, !proofs.isEmpty, !look.wire.contains(where: isDoubtful) { return stations }
        var now = stations
        for step in steps {
            let verified = try await step.verified(candidate)
            now = now.map { $0.isSame(as: verified) ? verified : $0 }
        }
        return now
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

    /// Has the new leaf shown everywhere where it is to be shown, and says whether its chain was, too, without anything else.
    @discardableResult
    private func prove() async throws(DeploymentError) -> Bool {
        let leaf = candidate.bundle.leaf
        let sent = [leaf.der] + candidate.bundle.chain.map(\.der)
        var isWhole = true
        for place in proofs {
            let address = place.address.description
            switch await observer.handshake(at: place, by: leaf.algorithm) {
            case .success(let chain) where chain.leafFingerprint == leaf.fingerprint:
                isWhole = isWhole && chain.certificates == sent
            case .success(let chain):
                throw .notServed(address: address, served: chain.leafFingerprint, expected: leaf.fingerprint)
            case .failure(let error): throw .unprovable(address: address, cause: error)
            }
        }
        return isWhole
    }

    /// Whether an address may show the new leaf by now, although it proved nothing.
    private func isDoubtful(_ station: Observation.WireStation) -> Bool {
        station.notProvable == nil && !station.showsMemory
    }

    /// What addresses that could not be a proof show now: no failure, but somebody has to know.
    private func doubts(_ look: Observation, _ memory: [Observation.MemoryStation]) async -> [Finding] {
        var now = Observation(bundle: look.bundle, memory: memory, wire: [])
        for station in look.wire where isDoubtful(station) {
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
