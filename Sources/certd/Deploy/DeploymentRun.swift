import CertKit
import FoundationEssentials
import SystemPackage

/// Deploys several lineages under the host-wide lock; one's failure never stops another's.
struct DeploymentRun: Sendable {
    /// How long another certd at work is waited for.
    static let lockLimit = Duration.seconds(30)

    let inventory: Inventory
    var isForced = false
    var isDryRun = false
    /// Whether no further lineage is to be begun.
    var isEnding: @Sendable () -> Bool = { false }
    /// Those that certbot may be at work on: each is read once, and left alone where it is in the middle of something.
    var unsettled: Set<Lineage> = []

    /// How one lineage ended.
    struct Result: Sendable {
        let lineage: Lineage
        let outcome: Swift.Result<DeploymentReport, any Error>
    }

    /// How many lineages are at work at the same time: while HAProxy is busy with one, the next is read and verified, and the
    /// one before is proven and put on the disk. More would only wait for each other.
    static let width = 4

    /// Deploys `lineages`, telling each result in their order as it comes, whether all are deployed in the end, or would be.
    ///
    /// Those that need a reload of HAProxy share one, after the others. Past `deadline` no further lineage is begun, nor
    /// the reload, and each that was not is a failure. Of those that are ``unsettled`` it tells `leave` which were left alone.
    /// - Throws: when the lock is not had; nothing was done then.
    func run(
        _ lineages: [Lineage], until deadline: ContinuousClock.Instant? = nil, leave: (Lineage) -> Void = { _ in },
        tell: (Result) -> Void
    ) async throws -> Bool {
        // Looking needs no lock, and a dry run leaves no trace.
        let lock = isDryRun ? nil : try await inventory.state.lock(within: DeploymentRun.lockLimit)
        var inventory = inventory
        inventory.ledger = RunLedger(left: isDryRun ? [] : inventory.state.intents())
        let isOver = { deadline.map { ContinuousClock.now >= $0 } ?? false }
        var allWell = true
        func finish(
            _ lineage: Lineage, _ outcome: Swift.Result<DeploymentReport, any Error>, after duration: Duration
        ) {
            let outcome = remembered(outcome, of: lineage, after: duration)
            if case .failure = outcome { allWell = false }
            tell(Result(lineage: lineage, outcome: outcome))
        }
        var pending: [PendingReload] = []
        await deploy(lineages, by: inventory, isOver) { ended in
            switch ended.outcome {
            case nil: leave(ended.lineage)
            case .success(.done(let report)): finish(ended.lineage, .success(report), after: ended.took)
            // The same one named twice has one outcome.
            case .success(.needsReload(let reload)) where pending.contains { $0.file.path == reload.file.path }: break
            case .success(.needsReload(let reload)): pending.append(reload)
            case .failure(let error): finish(ended.lineage, .failure(error), after: ended.took)
            }
        }
        if isOver() {
            for reload in pending {
                finish(reload.lineage, .failure(DeploymentError.outOfTime(lineage: reload.lineage.name)), after: .zero)
            }
        } else if !pending.isEmpty {
            for (reload, outcome) in await ReloadStep(inventory: inventory).run(pending) {
                finish(reload.lineage, outcome, after: .now - reload.started)
            }
        }
        await Transactions(of: inventory).forget()
        for directory in inventory.ledger.tidied.places { inventory.tidy.note(directory) }
        lock?.release()
        return allWell
    }

    /// How far one lineage came.
    private struct Ended: Sendable {
        let lineage: Lineage
        let took: Duration
        /// Nil where it was left alone.
        let outcome: Swift.Result<Deployment.Ending, any Error>?
    }

    /// Deploys `lineages`, some at the same time, and tells how each ended, in their order.
    private func deploy(
        _ lineages: [Lineage], by inventory: Inventory, _ isOver: () -> Bool, tell: (Ended) -> Void
    ) async {
        await withTaskGroup(of: (Int, Ended).self) { group in
            var atWork: [Int: FilePath?] = [:]
            var ended: [Int: Ended] = [:]
            var told = 0
            func take(_ one: Ended, _ index: Int) {
                atWork[index] = nil
                ended[index] = one
                while let one = ended.removeValue(forKey: told) {
                    tell(one)
                    told += 1
                }
            }
            func takeOne() async {
                if let (index, one) = await group.next() { take(one, index) }
            }
            for (index, lineage) in lineages.enumerated() {
                let path = inventory.place(of: lineage)?.path
                // The same one named twice is looked at again when it has been deployed.
                while atWork.count >= DeploymentRun.width || atWork.values.contains(path) { await takeOne() }
                guard !isEnding() else { break }
                guard !isOver() else {
                    let error = DeploymentError.outOfTime(lineage: lineage.name)
                    take(Ended(lineage: lineage, took: .zero, outcome: .failure(error)), index)
                    continue
                }
                atWork[index] = .some(path)
                group.addTask { (index, await deploy(lineage, by: inventory)) }
            }
            while !atWork.isEmpty { await takeOne() }
        }
    }

    private func deploy(_ lineage: Lineage, by inventory: Inventory) async -> Ended {
        let start = ContinuousClock.now
        var newest: Generation?
        if unsettled.contains(lineage) {
            let glance = GenerationReader(bound: inventory.bound, date: inventory.world.now).glance(at: lineage)
            guard glance.isWhole, case .success(let generation) = glance.outcome else {
                return Ended(lineage: lineage, took: .now - start, outcome: nil)
            }
            newest = generation
        }
        let outcome: Swift.Result<Deployment.Ending, any Error>
        do {
            guard let target = try inventory.target(of: lineage) else {
                throw DeploymentError.noBundle(lineage: lineage.name)
            }
            let deployment = Deployment(
                target: target, inventory: inventory, isForced: isForced, isDryRun: isDryRun, newest: newest)
            outcome = .success(try await deployment.run())
        } catch {
            outcome = .failure(error)
        }
        return Ended(lineage: lineage, took: .now - start, outcome: outcome)
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
