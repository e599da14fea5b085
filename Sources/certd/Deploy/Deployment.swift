import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage

/// Brings one lineage to one bundle path, through HAProxy's memory, to the wire: all four stations, or none.
///
/// The caller holds the host-wide lock, because a HAProxy process has one certificate transaction in all.
struct Deployment: Sendable {
    let target: BundleTarget
    let inventory: Inventory
    var isForced = false
    var isDryRun = false

    /// How far it came.
    enum Ending: Sendable {
        case done(DeploymentReport)
        /// Nothing is moved yet: only a reload brings it on, and others may need the same one.
        case needsReload(PendingReload)
    }

    /// What there is to deploy and what the stations show, found out without changing anything.
    struct Preparation: Sendable {
        fileprivate let deployment: Deployment
        fileprivate let judge: Judge
        fileprivate let wanted: WantedGeneration
        fileprivate let candidate: Candidate
        fileprivate let look: Observation
        /// How long it took to find out.
        fileprivate let took: Duration

        /// Goes on from there.
        ///
        /// - Throws: as ``Deployment/run()``.
        func ending() async throws -> Ending { try await deployment.carry(self) }
    }

    /// Does what is needed, and nothing where all stations show the lineage's leaf already.
    ///
    /// - Throws: what stopped it. HAProxy's memory and the bundle are then as they were, or the error says otherwise.
    func run() async throws -> Ending { try await prepare().ending() }

    /// Reads and verifies the lineage and looks at the stations, at the same time.
    ///
    /// - Throws: what speaks against the lineage whatever the stations show.
    func prepare() async throws -> Preparation {
        let started = ContinuousClock.now
        var judge = inventory.judge(hosts: target.place.hosts)
        judge.signatures = inventory.signatures
        let observer = inventory.observer(of: target)
        async let memory = observer.memory()
        let wanted = try await inventory.wanted(of: target.lineage, within: inventory.bound)
        let stations = await memory
        async let look = observer.look(for: wanted.generation.leaf, having: stations)
        let candidate = try Candidate(wanted.generation, by: judge)
        try candidate.checkedByLibcrypto()
        return Preparation(
            deployment: self, judge: judge, wanted: wanted, candidate: candidate, look: await look,
            took: .now - started)
    }

    private func carry(_ preparation: Preparation) async throws -> Ending {
        // Another deployment may have come between.
        let started = ContinuousClock.now - preparation.took
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
        let wasTidy = inventory.tidy.holds(file.directories)
        switch route.kind {
        case .reload:
            return .needsReload(
                PendingReload(
                    candidate: candidate, file: file, look: look, observer: observer, report: report, started: started))
        case .live:
            let step = LiveStep(
                candidate: candidate, file: file, observer: observer, inventory: inventory)
            let outcome = try await step.run(look, staged: file.stage(file.bytes(of: candidate.bundle)))
            report.findings += outcome.findings
            report.timeToProof = outcome.proven.map { $0 - started }
        case .down:
            let step = DownStep(file: file, inventory: inventory)
            report.findings += try await step.run(staged: file.stage(file.bytes(of: candidate.bundle)))
        case .diskOnly:
            report.findings += try file.install(file.stage(file.bytes(of: candidate.bundle)))
        }
        if wasTidy { inventory.tidy.note(file.directories) }
        return .done(report.ended(.deployed, since: started))
    }

    private var file: BundleFile {
        BundleFile(path: target.place.path, place: target.place, trusting: inventory.state.users)
    }

    /// Removes what runs that were killed have left: files beside the bundle, transactions and the notes of them. Gives
    /// whether the bundle on disk is another one now.
    private func tidyUp(_ look: Observation) async throws -> Bool {
        try inventory.tidyUp(file.directories)
        await Transactions(state: inventory.state, world: inventory.world).settle(on: look.memory)
        return try await KeptBundle(of: file).settle(on: look.memory) {
            await inventory.startVerdict()
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
