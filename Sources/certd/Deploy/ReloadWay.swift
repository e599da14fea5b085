import CertKit
import HAProxyKit
import SystemPackage

/// How HAProxy is told to reload, best first.
enum ReloadWay: Sendable {
    /// By its master, which says how it ended.
    case master(MasterCLI)
    /// By the configured command.
    case command([String])
    /// By a request that a systemd path unit takes: certd may not do it itself.
    case request(ReloadRequest)

    /// Finds the way that is open.
    ///
    /// A master socket that somebody wrote down has to work. The usual one counts where it lets certd in and its worker is
    /// one of `processes`: another HAProxy of this host is none of our business.
    /// - Throws: ``ReloadError/master(_:)``.
    static func open(
        _ settings: Settings, _ world: World, to processes: [HAProxyProcess]
    ) async throws(ReloadError) -> ReloadWay {
        let reload = settings.haproxy.reload
        if let path = reload.masterSocket {
            let master = world.master(path.string)
            do throws(RuntimeError) {
                _ = try await master.processes()
            } catch {
                throw .master(error)
            }
            return .master(master)
        }
        if let master = await usualMaster(world, of: { processes })?.master { return .master(master) }
        if !reload.command.isEmpty { return .command(reload.command) }
        return .request(ReloadRequest(directory: settings.runtime))
    }

    /// The master where Debian's package has it, if it is that of one of `processes`.
    static func usualMaster(
        _ world: World, of processes: () async -> [HAProxyProcess]
    ) async -> (master: MasterCLI, processes: MasterProcesses)? {
        let master = world.master(ReloadSettings.usualMasterSocket.string)
        guard let known = try? await master.processes(), let worker = known.worker else { return nil }
        guard await processes().contains(where: { $0.pid == worker.pid }) else { return nil }
        return (master, known)
    }

    /// Tells HAProxy to reload, and waits for what this way can tell of the outcome.
    ///
    /// Only the master can tell that HAProxy has done it; after the other ways its admin socket has to.
    func reload(_ settings: Settings, _ world: World) async throws(ReloadError) {
        let limit = world.patience
        switch self {
        case .master(let master):
            let verdict: ReloadVerdict
            do throws(RuntimeError) {
                verdict = try await master.reload(within: limit)
            } catch {
                throw .master(error)
            }
            if case .refused(let alerts) = verdict {
                throw .refused(configuration: settings.haproxy.configuration, alerts: alerts)
            }
        case .command(let words):
            switch await world.run(words, limit) {
            case .well: break
            case .badly(let how): throw .command(words, how: how)
            case .late: throw .command(words, how: "has not ended within \(limit)")
            }
        case .request(let request): try await request.beTaken(within: limit)
        }
    }
}
