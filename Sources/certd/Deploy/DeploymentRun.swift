import CertKit
import FoundationEssentials

/// Deploys several lineages one after the other under the host-wide lock; one's failure never stops another's.
struct DeploymentRun: Sendable {
    /// How long another certd at work is waited for.
    static let lockLimit = Duration.seconds(30)

    let inventory: Inventory
    var isForced = false
    var isDryRun = false
    /// Whether no further lineage is to be begun.
    var isEnding: @Sendable () -> Bool = { false }

    /// How one lineage ended.
    struct Result: Sendable {
        let lineage: Lineage
        let outcome: Swift.Result<DeploymentReport, any Error>
    }

    /// Deploys `lineages` in order, telling each result as it comes, whether all are deployed in the end, or would be.
    ///
    /// Those that need a reload of HAProxy share one, after the others. Past `deadline` no further lineage is begun, nor
    /// the reload, and each that was not is a failure.
    /// - Throws: when the lock is not had; nothing was done then.
    func run(
        _ lineages: [Lineage], until deadline: ContinuousClock.Instant? = nil, tell: (Result) -> Void
    ) async throws -> Bool {
        // Looking needs no lock, and a dry run leaves no trace.
        let lock = isDryRun ? nil : try await inventory.state.lock(within: DeploymentRun.lockLimit)
        var allWell = true
        var pending: [PendingReload] = []
        func finish(_ lineage: Lineage, _ outcome: Swift.Result<DeploymentReport, any Error>) {
            let outcome = remembered(outcome, of: lineage)
            if case .failure = outcome { allWell = false }
            tell(Result(lineage: lineage, outcome: outcome))
        }
        let isOver = { deadline.map { ContinuousClock.now >= $0 } ?? false }
        for lineage in lineages where !isEnding() {
            guard !isOver() else {
                finish(lineage, .failure(DeploymentError.outOfTime(lineage: lineage.name)))
                continue
            }
            do {
                switch try await deploy(lineage) {
                case .done(let report): finish(lineage, .success(report))
                // The same one named twice has one outcome.
                case .needsReload(let reload) where pending.contains { $0.file.path == reload.file.path }: break
                case .needsReload(let reload): pending.append(reload)
                }
            } catch {
                finish(lineage, .failure(error))
            }
        }
        if isOver() {
            for reload in pending {
                finish(reload.lineage, .failure(DeploymentError.outOfTime(lineage: reload.lineage.name)))
            }
        } else if !pending.isEmpty {
            for (reload, outcome) in await ReloadStep(inventory: inventory).run(pending) {
                finish(reload.lineage, outcome)
            }
        }
        lock?.release()
        return allWell
    }

    private func deploy(_ lineage: Lineage) async throws -> Deployment.Ending {
        guard let target = try inventory.target(of: lineage) else {
            throw DeploymentError.noBundle(lineage: lineage.name)
        }
        return try await Deployment(target: target, inventory: inventory, isForced: isForced, isDryRun: isDryRun).run()
    }

    /// Notes a failure, and forgets the one from before after a success; that it could not is a failure too.
    private func remembered(
        _ outcome: Swift.Result<DeploymentReport, any Error>, of lineage: Lineage
    ) -> Swift.Result<DeploymentReport, any Error> {
        guard !isDryRun else { return outcome }
        switch outcome {
        case .success(let report):
            note(report, of: lineage)
            do {
                try inventory.state.forgetFailure(of: lineage)
                return outcome
            } catch {
                return failed(error, lineage)
            }
        // Nothing says that it should be deployed, so for `check` this is no failure of a deployment.
        case .failure(DeploymentError.noBundle): return outcome
        case .failure(let error): return failed(error, lineage)
        }
    }

    /// For `status`; a deployment is none the worse where this cannot be written.
    private func note(_ report: DeploymentReport, of lineage: Lineage) {
        guard case .deployed = report.outcome else { return }
        let deployment = StateDirectory.LastDeployment(
            lineage: lineage.name, at: inventory.world.now(), sha256: report.leaf.fingerprint.description,
            seconds: report.duration / .seconds(1))
        try? inventory.state.record(deployment, of: lineage)
    }

    /// Certbot reports a failed hook as a mere warning, so `check` has to know of it. Where even that cannot be
    /// written, the failure itself is still told.
    private func failed(_ error: any Error, _ lineage: Lineage) -> Swift.Result<DeploymentReport, any Error> {
        let remedy = (error as? any Diagnosis)?.remedy ?? "run certd deploy \(lineage.name) and look at its output"
        let failure = StateDirectory.Failure(
            lineage: lineage.name, at: inventory.world.now(), message: "\(error)", remedy: remedy)
        try? inventory.state.record(failure, of: lineage)
        return .failure(error)
    }
}
