import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage

/// Brings one lineage to one bundle path, through HAProxy's memory, to the wire: all four stations, or none.
///
/// The caller holds the host-wide lock, because a HAProxy process has one certificate transaction in all; several
/// deployments of one run take turns by its ``RunLedger``.
struct Deployment: Sendable {
    let target: BundleTarget
    let inventory: Inventory
    var isForced = false
    var isDryRun = false
    /// What certbot has the lineage stand at, where it was read a moment ago.
    var newest: Generation?

    /// How far it came.
    enum Ending: Sendable {
        case done(DeploymentReport)
        /// Nothing is moved yet: only a reload brings it on, and others may need the same one.
        case needsReload(PendingReload)
    }

    /// What there is to deploy and what the stations show, found out without changing anything.
    private struct Preparation: Sendable {
        let judge: Judge
        let wanted: WantedGeneration
        let candidate: Candidate
        let look: Observation
        /// Where the new leaf is to be shown without having seen what is shown there now; nil where that was looked at.
        let unseen: [Observation.WirePlace]?
    }

    /// Does what is needed, and nothing where all stations show the lineage's leaf already.
    ///
    /// - Throws: what stopped it. HAProxy's memory and the bundle are then as they were, or the error says otherwise.
    func run() async throws -> Ending {
        let started = ContinuousClock.now
        let preparation = try await prepare()
        do {
            return try await carry(preparation, since: started)
        } catch let error as DeploymentError where preparation.unseen != nil && error.hasRestoredWhatWasNotProven {
            // Now that what was served before is served again it can be seen whether anything can be proven there.
            return try await carry(prepare(again: true), since: started)
        }
    }

    /// Reads and verifies the lineage and looks at the stations, at the same time.
    ///
    /// Where the address is known to show what HAProxy holds (``ProvenAddresses``), and what it holds can be brought back,
    /// no handshake is made before the one that proves the new leaf; `again` all is read and looked at.
    /// - Throws: what speaks against the lineage whatever the stations show.
    private func prepare(again isAgain: Bool = false) async throws -> Preparation {
        var judge = inventory.judge(hosts: target.place.hosts)
        judge.signatures = inventory.signatures
        let observer = inventory.observer(of: target)
        async let memory = observer.memory()
        let wanted = try await inventory.wanted(
            of: target.lineage, within: inventory.bound, newest: isAgain ? nil : newest)
        let leaf = wanted.generation.leaf
        var look = Observation(bundle: observer.bundle(), memory: await memory, wire: [])
        let unseen = isAgain ? nil : unseenPlaces(look, by: observer, for: leaf, on: judge.now)
        let candidate: Candidate
        if unseen == nil {
            async let wire = observer.wire(look.memory, for: leaf)
            candidate = try Candidate(checking: wanted.generation, by: judge)
            look.wire = await wire
            inventory.proven.note(look)
        } else {
            candidate = try Candidate(checking: wanted.generation, by: judge)
        }
        return Preparation(
            judge: judge, wanted: wanted, candidate: candidate, look: look, unseen: unseen)
    }

    /// Where the new leaf is to be shown, if there is no need to see what is shown there before: every HAProxy has loaded the
    /// bundle that stands on disk, which is another one and can be brought back, and the addresses have shown before that
    /// they show what HAProxy holds.
    private func unseenPlaces(
        _ look: Observation, by observer: Observer, for leaf: Certificate, on now: Date
    ) -> [Observation.WirePlace]? {
        let settings = inventory.settings.haproxy
        guard !isDryRun, settings.reload.policy != .always, !look.memory.isEmpty,
            let installed = look.bundle.installed, installed.soleKey != nil,
            let served = installed.leaf, served != leaf, served.notBefore <= now, now <= served.notAfter,
            look.memory.allSatisfy({ $0.certificate?.status == .used && $0.certificate?.isLeaf(served) == true })
        else { return nil }
        let places = observer.wirePlaces(for: leaf)
        return inventory.proven.hold(places, for: look.memory) ? places : nil
    }

    private func carry(_ preparation: Preparation, since started: ContinuousClock.Instant) async throws -> Ending {
        let (wanted, candidate) = (preparation.wanted, preparation.candidate)
        let generation = wanted.generation
        let observer = inventory.observer(of: target)
        let judge = preparation.judge
        var look = preparation.look
        if !isDryRun, try await tidyUp(look) { look.bundle = observer.bundle() }
        let served = Served(look, generation: generation, judge: judge)

        var report = DeploymentReport(
            lineage: target.lineage.name, leaf: generation.leaf, previous: served?.fingerprint)
        report.differences = look.differences(from: candidate)
        if report.differences.isEmpty {
            report.findings = wanted.findings + candidate.findings + look.doubts(about: target.lineage)
            return .done(report.ended(.nothingToDo, since: started))
        }
        try refuseWhatIsNoFile(look.bundle)
        report.findings = try wanted.findings + guarded(candidate, pinned: wanted.pin, served: served, on: judge.now)
        let route = try Route(look, for: candidate, by: observer)
        report.skipped = route.skipped
        if case .reload(let reason) = route.kind { report.reload = reason }
        if isDryRun { return .done(report.ended(.wouldDeploy, since: started)) }

        let file = self.file
        switch route.kind {
        case .reload:
            if preparation.unseen != nil { look.wire = await observer.wire(look.memory, for: generation.leaf) }
            return .needsReload(
                PendingReload(
                    candidate: candidate, file: file, look: look, observer: observer, report: report, started: started))
        case .live:
            let places = preparation.unseen ?? look.wire.filter(\.isProvable).map(\.place)
            let step = LiveStep(
                candidate: candidate, file: file, observer: observer, inventory: inventory, proofs: places)
            let outcome = try await step.run(look, staged: file.stage(file.bytes(of: candidate.bundle)))
            report.findings += outcome.findings
            report.timeToProof = outcome.proven.map { $0 - started }
        case .down:
            let step = DownStep(file: file, inventory: inventory)
            report.findings += try await inventory.ledger.lane.alone {
                try await step.run(staged: file.stage(file.bytes(of: candidate.bundle)))
            }
        case .diskOnly:
            report.findings += try file.install(file.stage(file.bytes(of: candidate.bundle)))
        }
        return .done(report.ended(.deployed, since: started))
    }

    private var file: BundleFile {
        BundleFile(path: target.place.path, place: target.place, trusting: inventory.state.users)
    }

    /// Removes what runs that were killed have left: files beside the bundle, transactions and the notes of them. Gives
    /// whether the bundle on disk is another one now.
    private func tidyUp(_ look: Observation) async throws -> Bool {
        try inventory.tidyUp(file.directories)
        await Transactions(of: inventory).settle(on: look.memory)
        let kept = KeptBundle(of: file)
        guard kept.exists else { return false }
        // Two at a time could each take the other's bundle for the one that HAProxy would not start with.
        return try await inventory.ledger.lane.alone {
            try await kept.settle(on: look.memory) { await inventory.startVerdict() }
        }
    }

    /// Nothing can be moved over a directory, and a pipe or a device stands there for a reason.
    private func refuseWhatIsNoFile(_ bundle: Observation.BundleStation) throws {
        if case .failure(let error as FileError) = bundle.content, case .notAFile = error { throw error }
    }

    /// The findings of the candidate, where none of them stops the deployment.
    private func guarded(
        _ candidate: Candidate, pinned pin: StateDirectory.Pin?, served: Served?, on now: Date
    ) throws(DeploymentError) -> [Finding] {
        let guards = Guards(now: now, isForced: isForced || pin?.isForced == true, isPinned: pin != nil)
        var findings = candidate.findings
        if let served { findings += guards.comparison(of: candidate.generation, with: served) }
        let stopping = guards.stopping(findings, served: served)
        guard stopping.isEmpty else {
            throw .stopped(lineage: target.lineage.name, findings: stopping, pinned: pin?.generation)
        }
        return findings
    }
}
