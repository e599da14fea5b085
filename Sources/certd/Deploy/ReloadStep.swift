import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage

/// Disk, reload, memory, wire, for all lineages that need it together; a bad one never holds back the others.
struct ReloadStep: Sendable {
    let inventory: Inventory

    /// A lineage with what was done for it.
    typealias Outcome = (reload: PendingReload, outcome: Result<DeploymentReport, any Error>)

    /// Brings all of `pending` on by one reload.
    ///
    /// Gives the outcome of each, in their order; a failure says what was done about it.
    func run(_ pending: [PendingReload]) async -> [Outcome] {
        var shelf = ReloadShelf(pending, inventory: inventory)
        let before = await processes(of: pending)
        do throws(ReloadError) {
            let way = try await ReloadWay.open(inventory.settings, inventory.world, to: Array(before.values))
            try await shelf.moveDisks()
            if !shelf.moved.isEmpty { await reload(by: way, &shelf, before) }
        } catch {
            shelf.failAll(error, .untouched)
        }
        return await shelf.outcomes()
    }

    /// Reloads HAProxy with the bundles that are on disk now.
    private func reload(
        by way: ReloadWay, _ shelf: inout ReloadShelf, _ before: [String: HAProxyProcess]
    ) async {
        let start = ContinuousClock.now
        let proof = ReloadProof(before: before, start: start, world: inventory.world)
        var failure: ReloadError?
        do throws(ReloadError) {
            try await way.reload(inventory.settings, inventory.world)
        } catch {
            failure = error
        }
        // The verdict can be lost on its way; a new process that shows the new bundles is one too.
        let now = await processes(of: shelf.moved)
        var isTaken = proof.hasNewProcess(among: now)
        if !isTaken, failure.map(\.isOpen) ?? true {
            isTaken = await proof.waitForNewProcess { await processes(of: shelf.moved) }
            if !isTaken, failure == nil {
                failure = .noNewProcess(sockets: before.keys.sorted(), after: inventory.world.patience)
            }
        }
        guard isTaken else {
            let isGone = await processes(of: shelf.moved).isEmpty
            if let failure { shelf.putAllBack(failure, isGone ? .gone : .untouched) }
            return
        }
        var unproven: [(PendingReload, any Error)] = []
        for reload in shelf.moved {
            do {
                shelf.succeed(reload, try await proof.prove(reload))
            } catch {
                unproven.append((reload, failure ?? error))
            }
        }
        guard !unproven.isEmpty else { return }
        await goBack(unproven, by: way, &shelf)
    }

    /// HAProxy has taken what does not work, so the bundles from before go back, and it is reloaded once more.
    private func goBack(
        _ unproven: [(reload: PendingReload, cause: any Error)], by way: ReloadWay, _ shelf: inout ReloadShelf
    ) async {
        var back: [(PendingReload, any Error)] = []
        for (reload, cause) in unproven {
            if let why = await shelf.putBack(reload) {
                shelf.fail(reload, cause, .newKept(why))
            } else {
                back.append((reload, cause))
            }
        }
        guard !back.isEmpty else { return }
        let before = await processes(of: unproven.map(\.reload))
        let start = ContinuousClock.now
        var trouble: ReloadError?
        do throws(ReloadError) {
            try await way.reload(inventory.settings, inventory.world)
        } catch {
            trouble = error
        }
        let proof = ReloadProof(before: before, start: start, world: inventory.world)
        let isTaken = await proof.waitForNewProcess { await processes(of: unproven.map(\.reload)) }
        for (reload, cause) in back {
            if isTaken {
                shelf.fail(reload, cause, .restored)
            } else {
                shelf.fail(
                    reload, cause, .uneven("it could not be reloaded again (\(trouble?.description ?? "no answer"))"))
            }
        }
    }

    /// The process behind each socket that answers.
    private func processes(of pending: [PendingReload]) async -> [String: HAProxyProcess] {
        var found: [String: HAProxyProcess] = [:]
        for socket in Set(pending.flatMap { $0.look.memory.map(\.socket) }) {
            found[socket] = try? await inventory.world.runtime(socket).processInfo()
        }
        return found
    }
}
