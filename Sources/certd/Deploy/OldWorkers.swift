import CertKit
import HAProxyKit
import SystemPackage

extension Inventory {
    /// What HAProxy's master says of workers that stay after reloads; nothing where it does not let certd in.
    func oldWorkers() async -> [Finding] {
        guard let (master, processes) = await master() else { return [] }
        return [Finding(processes, limit: configuration?.mostReloads, master: master.path)].compactMap(\.self)
    }

    /// How many workers stay after reloads; nil where HAProxy's master does not let certd in.
    func oldWorkerCount() async -> Int? { await master()?.processes.oldWorkers.count }

    private func master() async -> (master: MasterCLI, processes: MasterProcesses)? {
        if let path = settings.haproxy.reload.masterSocket {
            let master = world.master(path.string)
            guard let processes = try? await master.processes() else { return nil }
            return (master, processes)
        }
        guard !sockets.isEmpty else { return nil }
        return await ReloadWay.usualMaster(world) {
            var known: [HAProxyProcess] = []
            for socket in sockets {
                if let process = try? await world.runtime(socket.string).processInfo() { known.append(process) }
            }
            return known
        }
    }
}

extension Finding {
    /// So many that somebody has to look.
    static let manyOldWorkers = 10
    /// From this part of the reloads on that a worker may outlive, in percent.
    static let nearTheLastReload = 80
    /// What HAProxy 3.4 takes where `mworker-max-reloads` is not given.
    static let usualLimit = (since: HAProxyVersion(3, 4), reloads: 50)

    /// The finding where the master ends an old worker soon, with its sessions, or where there is no limit and there are
    /// many; `limit` is `mworker-max-reloads`.
    init?(_ processes: MasterProcesses, limit: Int?, master: String) {
        let old = processes.oldWorkers
        guard let oldest = old.max(by: { $0.reloads < $1.reloads }) else { return nil }
        let isLimited = (processes.master.version ?? HAProxyVersion(0, 0)) >= Finding.usualLimit.since
        let what: String
        if let limit = limit ?? (isLimited ? Finding.usualLimit.reloads : nil) {
            guard oldest.reloads * 100 >= limit * Finding.nearTheLastReload else { return nil }
            what =
                "\(old.count) old workers keep their sessions; the oldest has outlived \(oldest.reloads) reloads, and the "
                + "master ends it after \(limit) (mworker-max-reloads)"
        } else {
            guard old.count >= Finding.manyOldWorkers else { return nil }
            what = "\(old.count) old workers keep their sessions, and nothing limits their number"
        }
        self.init(
            .oldWorkers, what,
            remedy:
                "see what keeps the oldest: echo '@!\(oldest.pid) show sess' | socat - UNIX-CONNECT:\(master)\n"
                + "hard-stop-after in section global of haproxy.cfg ends such sessions after a time", location: master)
    }
}
