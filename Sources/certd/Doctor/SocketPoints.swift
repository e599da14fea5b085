import CertKit
import HAProxyKit
import SystemPackage

/// HAProxy's admin sockets: there, of level admin, and open to the daemon.
extension SetupDoctor {
    func socketPoints() async -> [SetupPoint] {
        let name = "admin-socket"
        if settings.haproxy.sockets == [] { return [.ok(name, "there is no HAProxy here: bundles are only written")] }
        guard !processes.isEmpty else {
            let (what, remedy) = inventory.missingSocket ?? ("there is no admin socket", "systemctl start haproxy")
            return [.problem(name, what, fix: remedy)]
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

extension Inventory {
    /// What haproxy.cfg lacks for an admin socket, and where; nil where it has one.
    var missingSocket: (what: String, remedy: String)? {
        let sockets = configuration?.statsSockets ?? []
        guard !sockets.contains(where: { $0.level == .admin }) else { return nil }
        let then = "in section global of \(settings.haproxy.configuration), then: systemctl restart haproxy"
        guard let socket = sockets.first else {
            return ("haproxy.cfg has no admin socket", "write \(then)\n" + line(for: "/run/haproxy/admin.sock"))
        }
        return (
            "\(socket.path) is of level \(socket.level.rawValue), which cannot change certificates",
            "write instead of line \(socket.line) \(then)\n" + line(for: socket.path)
        )
    }

    private func line(for path: String) -> String {
        "    stats socket \(path) mode 660 group haproxy level admin"
    }
}
