import CertKit
import HAProxyKit
import SystemPackage

/// HAProxy's admin sockets: there, of level admin, and open to the daemon.
extension SetupDoctor {
    func socketPoints() async -> [SetupPoint] {
        let name = "admin-socket"
        if settings.haproxy.sockets == [] { return [.ok(name, "there is no HAProxy here: bundles are only written")] }
        guard !processes.isEmpty else {
            return [.problem(name, "haproxy.cfg has no admin socket", fix: StatsSocket.missing(settings))]
        }
        var points: [SetupPoint] = []
        for (socket, process) in processes {
            switch process {
            case .failure(let error): points.append(.failure(name, error))
            case .success: points.append(await point(of: socket))
            }
        }
        return points
    }

    private func point(of socket: FilePath) async -> SetupPoint {
        let name = "admin-socket"
        do {
            let level = try await inventory.world.runtime(socket.string).level()
            guard level == .admin else {
                throw RuntimeError.levelTooLow(socket: socket.string, command: "set ssl cert")
            }
        } catch {
            return .failure(name, error)
        }
        guard user.mayWrite(socket) else {
            return .problem(
                name, "\(socket): it does not let \(user.name) in",
                fix:
                    "write in haproxy.cfg, then restart HAProxy: stats socket \(socket) mode 660 group haproxy level admin"
            )
        }
        return .ok(name, "\(socket): level admin\(user.isRoot ? "" : ", and it lets \(user.name) in")")
    }
}

extension StatsSocket {
    /// The line that haproxy.cfg lacks, and where.
    static func missing(_ settings: Settings) -> String {
        let configuration = settings.haproxy.configuration
        return "write in section global of \(configuration), then systemctl restart haproxy:\n"
            + "    stats socket /run/haproxy/admin.sock mode 660 group haproxy level admin"
    }
}
