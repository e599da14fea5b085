import CertKit
import Glibc
import SystemPackage

/// Deploys, by way of root, what this process may not write; and believes the stations alone that it was done.
struct RootDeployment: Sendable {
    /// How long root is waited for: another deployment may hold the lock for half of it.
    static let limit = Duration.seconds(60)

    let inventory: Inventory
    var limit = RootDeployment.limit

    private var requests: RootRequests { RootRequests(inventory.settings) }

    /// Has root deploy `lineage`, waits until it has, and looks at the stations; holds no lock meanwhile.
    func run(_ lineage: Lineage) async -> DeploymentRun.Result {
        let started = ContinuousClock.now
        let outcome: Result<DeploymentReport, any Error>
        do {
            outcome = .success(try await report(on: lineage))
        } catch {
            outcome = .failure(error)
        }
        await remember(outcome, of: lineage, after: .now - started)
        return DeploymentRun.Result(lineage: lineage, outcome: outcome)
    }

    /// As with a deployment of this process's own, `check` is to know. What root did or failed with root has remembered.
    private func remember(
        _ outcome: Result<DeploymentReport, any Error>, of lineage: Lineage, after duration: Duration
    ) async {
        guard let lock = try? await inventory.state.lock(within: DeploymentRun.lockLimit) else { return }
        switch outcome {
        case .success: try? inventory.state.forgetFailure(of: lineage)
        case .failure(RootRequestError.notDone): break
        case .failure(let error): inventory.remember(failure: error, of: lineage, after: duration)
        }
        lock.release()
    }

    private func report(on lineage: Lineage) async throws -> DeploymentReport {
        let started = ContinuousClock.now
        let before = try await look(at: lineage)
        guard case .wouldDeploy = before.outcome else { return before }
        try await ask(for: lineage)
        let after = try await look(at: lineage)
        guard case .nothingToDo = after.outcome else {
            throw RootRequestError.notDone(lineage: lineage.name, why: inventory.state.failure(of: lineage)?.message)
        }
        return before.ended(.deployed, since: started)
    }

    /// What would be done now; a refusal is one here too, before anybody is bothered.
    private func look(at lineage: Lineage) async throws -> DeploymentReport {
        guard let target = try inventory.target(of: lineage) else {
            throw DeploymentError.noBundle(lineage: lineage.name)
        }
        switch try await Deployment(target: target, inventory: inventory, isDryRun: true).run() {
        case .done(let report): return report
        case .needsReload(let pending): return pending.report
        }
    }

    /// Leaves the request and waits until it is gone.
    private func ask(for lineage: Lineage) async throws {
        let requests = requests
        _ = unsafe mkdir(requests.directory.string, 0o700)
        let (changes, change) = AsyncStream<Bool>.makeStream(bufferingPolicy: .bufferingNewest(1))
        do {
            let inotify = try Inotify { _ in change.yield(true) }
            _ = try inotify.watch(requests.directory)
            try requests.leave(lineage)
            let late = Alarm { change.finish() }
            late.set(to: .now + limit)
            defer { withExtendedLifetime((inotify, late)) {} }
            for await _ in changes where !requests.isPending(lineage) { return }
        } catch {
            throw RootRequestError.notLeft(lineage: lineage.name, directory: requests.directory)
        }
        requests.takeBack(lineage)
        throw RootRequestError.notTaken(lineage: lineage.name, directory: requests.directory, limit: limit)
    }
}
