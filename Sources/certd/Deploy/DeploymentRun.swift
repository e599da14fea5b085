import CertKit
import FoundationEssentials

/// Deploys several lineages one after the other under the host-wide lock; one's failure never stops another's.
struct DeploymentRun: Sendable {
    /// How long another certd at work is waited for.
    static let lockLimit = Duration.seconds(30)

    let inventory: Inventory
    var isForced = false
    var isDryRun = false

    /// How one lineage ended.
    struct Result: Sendable {
        let lineage: Lineage
        let outcome: Swift.Result<DeploymentReport, any Error>
    }

    /// Deploys `lineages` in order, telling each result as it comes, whether all are deployed in the end, or would be.
    ///
    /// Past `deadline` no further lineage is begun, and each that was not is a failure.
    /// - Throws: when the lock is not had; nothing was done then.
    func run(
        _ lineages: [Lineage], until deadline: ContinuousClock.Instant? = nil, tell: (Result) -> Void
    ) async throws -> Bool {
        // Looking needs no lock, and a dry run leaves no trace.
        let lock = isDryRun ? nil : try await inventory.state.lock(within: DeploymentRun.lockLimit)
        var allWell = true
        for lineage in lineages {
            let outcome: Swift.Result<DeploymentReport, any Error>
            if let deadline, ContinuousClock.now >= deadline {
                outcome = failed(DeploymentError.outOfTime(lineage: lineage.name), lineage)
            } else {
                outcome = await deploy(lineage)
            }
            if case .failure = outcome { allWell = false }
            tell(Result(lineage: lineage, outcome: outcome))
        }
        lock?.release()
        return allWell
    }

    private func deploy(_ lineage: Lineage) async -> Swift.Result<DeploymentReport, any Error> {
        do {
            guard let target = try inventory.target(of: lineage) else {
                throw DeploymentError.noBundle(lineage: lineage.name)
            }
            let deployment = Deployment(target: target, inventory: inventory, isForced: isForced, isDryRun: isDryRun)
            let report = try await deployment.run()
            if !isDryRun { try inventory.state.forgetFailure(of: lineage) }
            return .success(report)
        } catch DeploymentError.noBundle(let name) {
            // Nothing says that it should be deployed, so for `check` this is no failure of a deployment.
            return .failure(DeploymentError.noBundle(lineage: name))
        } catch {
            return failed(error, lineage)
        }
    }

    /// Certbot reports a failed hook as a mere warning, so `check` has to know of it. Where even that cannot be
    /// written, the failure itself is still told.
    private func failed(_ error: any Error, _ lineage: Lineage) -> Swift.Result<DeploymentReport, any Error> {
        guard !isDryRun else { return .failure(error) }
        let remedy = (error as? any Diagnosis)?.remedy ?? "run certd deploy \(lineage.name) and look at its output"
        let failure = StateDirectory.Failure(
            lineage: lineage.name, at: inventory.world.now(), message: "\(error)", remedy: remedy)
        try? inventory.state.record(failure, of: lineage)
        return .failure(error)
    }
}
