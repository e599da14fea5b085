import CertKit
import HAProxyKit
import Logging
import Synchronization
import SystemPackage

/// A HAProxy that does not answer costs seconds: it is asked once, not for each lineage that goes to it.
extension DaemonLoop {
    /// Takes note that nothing answers on `socket`: what goes there waits, and that is told once.
    mutating func fallSilent(_ socket: FilePath) {
        let failures = (silent[socket] ?? 0) + 1
        let isNew = silent.updateValue(failures, forKey: socket) == nil
        let retry = Instant.now + Backoff.pause(afterFailure: failures, using: &generator)
        let waiting = schedule.lineages.filter { goes($0, to: socket) }
        for lineage in waiting { schedule.postpone(lineage, until: retry) }
        logger.log(
            level: isNew ? .error : .debug, "HAProxy does not answer",
            metadata: [
                "socket": "\(socket)", "waiting": "\(waiting.count)",
                "remedy": "see what keeps it: systemctl status haproxy",
            ])
    }

    /// Takes note that HAProxy answers on `socket`.
    mutating func answered(_ socket: FilePath) {
        guard silent.removeValue(forKey: socket) != nil else { return }
        logger.notice("HAProxy answers again", metadata: ["socket": "\(socket)"])
    }

    /// Asks the sockets that fell silent, where something is to be done that goes to them.
    mutating func askSilentSockets() async {
        for socket in silent.keys.sorted(by: { $0.string < $1.string })
        where schedule.deployable.contains(where: { goes($0, to: socket) }) {
            do throws(RuntimeError) {
                _ = try await daemon.world.runtime(socket.string).processInfo()
                answered(socket)
            } catch {
                // Whatever else is wrong a deployment tells.
                if error.silentSocket == nil { answered(socket) } else { fallSilent(socket) }
            }
        }
    }
}

/// Hears of the first socket that is silent while lineages are deployed.
final class Silence: Sendable {
    private let found = Mutex<FilePath?>(nil)

    var socket: FilePath? { found.withLock { $0 } }

    func take(_ result: DeploymentRun.Result) {
        guard case .failure(let error) = result.outcome, let socket = error.silentSocket else { return }
        found.withLock { $0 = $0 ?? socket }
    }
}

extension Error {
    /// The socket of a HAProxy that did not answer in time, where that is what this is about.
    var silentSocket: FilePath? {
        switch self as any Error {
        case RuntimeError.silent(let socket, _, _, _): FilePath(socket)
        case DeploymentError.undone(let cause, _): cause.silentSocket
        default: nil
        }
    }
}
