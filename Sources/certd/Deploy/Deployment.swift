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

    /// Does what is needed, and nothing where all stations show the lineage's leaf already.
    ///
    /// - Throws: what stopped it. HAProxy's memory and the bundle are then as they were, or the error says otherwise.
    func run() async throws -> DeploymentReport {
        let started = ContinuousClock.now
        let judge = inventory.judge(hosts: target.place.hosts)
        let generation = try await inventory.generation(of: target.lineage, within: Inventory.deployBound)
        let candidate = try Candidate(generation, by: judge)
        try candidate.checkedByLibcrypto()
        let observer = inventory.observer(of: target)
        let look = await observer.look(for: generation.leaf)
        let served = Served(look, generation: generation, judge: judge)
        if !isDryRun { try await tidyUp(look) }

        var report = DeploymentReport(
            lineage: target.lineage.name, leaf: generation.leaf, previous: served?.fingerprint)
        report.differences = look.differences(from: candidate)
        if report.differences.isEmpty {
            report.findings = candidate.findings + look.doubts(about: target.lineage)
            return report.ended(.nothingToDo, since: started)
        }
        try refuseWhatIsNoFile(look.bundle)
        report.findings = try guarded(candidate, served: served, on: judge.now)
        let route = try Route(look)
        report.skipped = route.skipped
        if isDryRun { return report.ended(.wouldDeploy, since: started) }

        let file = BundleFile(path: target.place.path, place: target.place)
        let staged = try file.stage(candidate.rendered)
        switch route.kind {
        case .live:
            let step = LiveStep(
                candidate: candidate, file: file, observer: observer, inventory: inventory)
            report.findings += try await step.run(look, staged: staged)
        case .down:
            let step = DownStep(file: file, inventory: inventory)
            report.findings += try await step.run(staged: staged)
        case .diskOnly:
            report.findings += try file.install(staged)
        }
        return report.ended(.deployed, since: started)
    }

    /// Removes what runs that were killed have left: files beside the bundle, transactions and the notes of them.
    private func tidyUp(_ look: Observation) async throws {
        try StagedFile.removeLeftovers(beside: target.place.path)
        await Transactions(state: inventory.state, world: inventory.world).settle(on: look.memory)
    }

    /// Nothing can be moved over a directory, and a pipe or a device stands there for a reason.
    private func refuseWhatIsNoFile(_ bundle: Observation.BundleStation) throws {
        if case .failure(let error as FileError) = bundle.content, case .notAFile = error { throw error }
    }

    /// The findings of the candidate, where none of them stops the deployment.
    private func guarded(_ candidate: Candidate, served: Served?, on now: Date) throws(DeploymentError) -> [Finding] {
        let guards = Guards(now: now, isForced: isForced)
        var findings = candidate.findings
        if let served { findings += guards.comparison(of: candidate.generation, with: served) }
        let stopping = guards.stopping(findings, served: served)
        guard stopping.isEmpty else { throw .stopped(lineage: target.lineage.name, findings: stopping) }
        return findings
    }
}
