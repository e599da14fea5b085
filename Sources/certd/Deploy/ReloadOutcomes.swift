import CertKit
import FoundationEssentials
import SystemPackage

extension ReloadShelf {
    /// Ends a lineage well; what was kept of its old bundle goes.
    mutating func succeed(_ reload: PendingReload, _ found: [Finding]) {
        guard let index = index(of: reload) else { return }
        // One that stays is settled by the next run.
        try? KeptBundle(of: reload.file).letGo()
        var report = reload.report
        report.findings += (findings[index] ?? []) + found
        end(index, with: .success(report.ended(.deployed, since: reload.started)))
    }

    /// Ends a lineage badly; where its bundle stands is decided.
    mutating func fail(_ reload: PendingReload, _ cause: any Error, _ aftermath: DeploymentError.Aftermath) {
        guard let index = index(of: reload) else { return }
        end(index, with: .failure(DeploymentError.undone(cause: cause, aftermath: aftermath)))
    }

    /// Ends all that are open, none of which has moved.
    mutating func failAll(_ cause: any Error, _ aftermath: DeploymentError.Aftermath) {
        for reload in open { fail(reload, cause, aftermath) }
    }

    /// Puts all bundles back that have moved.
    mutating func putAllBack(_ cause: any Error, _ aftermath: DeploymentError.Aftermath) {
        for reload in moved {
            guard let index = index(of: reload) else { continue }
            restore(index)
            fail(reload, cause, aftermath)
        }
    }

    /// Puts the bundle from before back, if HAProxy can go on with it; else gives why the new one stays.
    mutating func putBack(_ reload: PendingReload) async -> String? {
        guard let index = index(of: reload) else { return nil }
        if let leaf = reload.look.bundle.installed?.leaf {
            let now = inventory.world.now()
            guard leaf.notBefore <= now, now <= leaf.notAfter else {
                try? KeptBundle(of: reload.file).letGo()
                return "what was served before is not valid now"
            }
        }
        do {
            try KeptBundle(of: reload.file).putBack(kept.contains(index))
            guard await judge().isBad else { return nil }
            try reload.file.put(reload.file.bytes(of: reload.candidate.bundle))
            return "HAProxy would not start with what stood here before"
        } catch {
            return "the bundle from before could not be put back (\(error))"
        }
    }

    /// How each has ended, in their order, with what there is to say about HAProxy's old workers.
    func outcomes() async -> [ReloadStep.Outcome] {
        let workers = await inventory.oldWorkers()
        return all.map { reload, outcome in
            (
                reload,
                outcome.map { report in
                    var report = report
                    report.findings += workers
                    return report
                }
            )
        }
    }
}
