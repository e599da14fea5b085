import CertKit
import Glibc
import NIOHTTP1
import FoundationEssentials
import SystemPackage

/// Whether the daemon answers, and goes by the same configuration.
extension SetupDoctor {
    func daemonPoints() async -> [SetupPoint] {
        let name = "daemon"
        let socket = DaemonSocket.path(in: settings.runtime)
        do {
            switch try await DaemonAgreement(settings).ask() {
            case nil:
                let words = "nobody listens on \(socket): hooks deploy by themselves, and nobody notices what they miss"
                guard questions.hasSystemd() else { return [.skipped(name, words)] }
                return [.warning(name, words, fix: "systemctl enable --now certd")]
            case .same?: return [.ok(name, "it answers on \(socket), with the same configuration")]
            case .other?:
                return [
                    .problem(
                        name, "it runs with another configuration than \(file)", fix: "systemctl reload certd")
                ]
            case .notTold?:
                return [.skipped(name, "it answers on \(socket), but tells its configuration to root alone")]
            }
        } catch {
            return [.failure(name, error)]
        }
    }
}

/// Asks the daemon whether it goes by these settings.
struct DaemonAgreement: Sendable {
    enum Answer: Equatable, Sendable {
        case same, other
        /// It answers, but not to this user.
        case notTold
    }

    private let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    /// nil where no daemon listens.
    ///
    /// - Throws: ``HandOverError``.
    func ask() async throws -> Answer? {
        let socket = DaemonSocket.path(in: settings.runtime)
        guard (try? Stat(socket).type) == .socket else { return nil }
        // It compares the configuration first, and finds then that there is nothing to be done for this.
        let order = DeploymentOrder(command: .hook, hint: "/", isDryRun: true)
        let body = Array(try JSONEncoder().encode(DeploymentRequest(order: order, configuration: settings.mark)))
        let trusted = StateDirectory(path: settings.state).users.union([0, geteuid()])
        let exchange = DaemonExchange(socket: socket, trusted: trusted)
        guard let (status, _) = try await exchange.send(.POST, APIPath.deploy, body, within: .seconds(10)) else {
            return nil
        }
        return switch status {
        case 200: .same
        case 409: .other
        default: .notTold
        }
    }
}
