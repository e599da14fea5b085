import CertKit
import Glibc
import HAProxyKit
import SystemPackage

/// The way by which HAProxy is reloaded where it has to be.
extension SetupDoctor {
    func reloadPoints() async -> [SetupPoint] {
        let name = "reload"
        guard settings.haproxy.sockets != [] else { return [] }
        guard settings.haproxy.reload.policy != .never else {
            return [.ok(name, "never by certd (haproxy.reload)")]
        }
        let answering = processes.compactMap { try? $0.process.get() }
        do {
            switch try await ReloadWay.open(settings, inventory.world, to: answering) {
            case .master(let master):
                let path = FilePath(master.path)
                guard user.mayWrite(path) else {
                    let request = await requestPoint()
                    let how = "root by \(path), \(user.name) by \(request.message)"
                    return [SetupPoint(point: name, state: request.state, message: how, remedy: request.remedy)]
                }
                return [.ok(name, "by HAProxy's master, \(path)")]
            case .command(let words):
                guard let program = words.first, isThere(program) else {
                    return [
                        .problem(
                            name, "the command is not there: \(words.joined(separator: " "))",
                            fix: "name one that is (haproxy.reload-command in \(file)): command -v systemctl")
                    ]
                }
                return [.ok(name, "by \(words.joined(separator: " "))")]
            case .request: return [await requestPoint()]
            }
        } catch {
            return [.failure(name, error)]
        }
    }

    private func requestPoint() async -> SetupPoint {
        switch await questions.isActive("certd-reload.path") {
        case true: .ok("reload", "certd-reload.path, which watches for the request")
        case false:
            .problem(
                "reload", "certd-reload.path, which is not active", fix: "systemctl enable --now certd-reload.path")
        case nil:
            .warning(
                "reload", "a request that nobody takes: systemd does not run here",
                fix: "name in \(file): haproxy.reload-command, or start HAProxy with "
                    + "-S /run/haproxy-master.sock,mode,660,group,haproxy")
        }
    }

    private func isThere(_ program: String) -> Bool {
        if program.contains("/") { return unsafe access(program, X_OK) == 0 }
        return ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin"].contains {
            unsafe access("\($0)/\(program)", X_OK) == 0
        }
    }
}
