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
        func finish(
            _ lineage: Lineage, _ outcome: Swift.Result<DeploymentReport, any Error>,
            since start: ContinuousClock.Instant = .now
        ) {
            let outcome = remembered(outcome, of: lineage, after: .now - start)
            if case .failure = outcome { allWell = false }
            tell(Result(lineage: lineage, outcome: outcome))
        }
        let isOver = { deadline.map { ContinuousClock.now >= $0 } ?? false }
        var next: Prepared?
        for (index, lineage) in lineages.enumerated() where !isEnding() {
            guard !isOver() else {
                finish(lineage, .failure(DeploymentError.outOfTime(lineage: lineage.name)))
                continue
            }
            let current = if let next, next.lineage == lineage { next } else { await prepared(lineage) }
            // The next is read and verified while HAProxy and the disk are at work on this one.
            let following = lineages.dropFirst(index + 1).first.flatMap { $0 == lineage ? nil : $0 }
            async let ahead = prepared(following)
            let start = ContinuousClock.now - current.took
            do {
                switch try await current.outcome.get().ending() {
                case .done(let report): finish(lineage, .success(report))
                // The same one named twice has one outcome.
                case .needsReload(let reload) where pending.contains { $0.file.path == reload.file.path }: break
                case .needsReload(let reload): pending.append(reload)
                }
            } catch {
                finish(lineage, .failure(error), since: start)
            }
            next = await ahead
        }
        if isOver() {
            for reload in pending {
                finish(reload.lineage, .failure(DeploymentError.outOfTime(lineage: reload.lineage.name)))
            }
        } else if !pending.isEmpty {
            for (reload, outcome) in await ReloadStep(inventory: inventory).run(pending) {
                finish(reload.lineage, outcome, since: reload.started)
            }
        }
        lock?.release()
        return allWell
    }

    /// One lineage with what there is to deploy.
    private struct Prepared: Sendable {
        let lineage: Lineage
        let took: Duration
        let outcome: Swift.Result<Deployment.Preparation, any Error>
    }

    private func prepared(_ lineage: Lineage?) async -> Prepared? {
        guard let lineage else { return nil }
        return await prepared(lineage)
    }

    private func prepared(_ lineage: Lineage) async -> Prepared {
        let start = ContinuousClock.now
        let outcome: Swift.Result<Deployment.Preparation, any Error>
        do {
            guard let target = try inventory.target(of: lineage) else {
                throw DeploymentError.noBundle(lineage: lineage.name)
            }
            let deployment = Deployment(
                target: target, inventory: inventory, isForced: isForced, isDryRun: isDryRun)
            outcome = .success(try await deployment.prepare())
        } catch {
            outcome = .failure(error)
        }
        return Prepared(lineage: lineage, took: .now - start, outcome: outcome)
    }

    /// Notes a failure, and forgets the one from before after a success; that it could not is a failure too.
    private func remembered(
        _ outcome: Swift.Result<DeploymentReport, any Error>, of lineage: Lineage, after duration: Duration
    ) -> Swift.Result<DeploymentReport, any Error> {
        guard !isDryRun else { return outcome }
        do {
            let report = try outcome.get()
            inventory.remember(report, of: lineage)
            try inventory.state.forgetFailure(of: lineage)
            return outcome
        } catch {
            inventory.remember(failure: error, of: lineage, after: duration)
            return .failure(error)
        }
    }
}
