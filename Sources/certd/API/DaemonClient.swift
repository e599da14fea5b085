import CertKit
import FoundationEssentials
import Glibc
import NIOHTTP1
import SystemPackage

/// Speaks with the daemon of the same configuration, if one is running.
struct DaemonClient: Sendable {
    private let settings: Settings
    private var socket: FilePath { DaemonSocket.path(in: settings.runtime) }

    init(_ settings: Settings) { self.settings = settings }

    /// Has the daemon carry `order` out.
    ///
    /// - Returns: nil where no daemon listens, or the one that does leaves it to the caller.
    /// - Throws: ``HandOverError`` where it was asked and has not answered.
    func handOver(_ order: DeploymentOrder, within limit: Duration?) async throws -> DeploymentAnswer? {
        // Nothing of the network library is touched where there is no socket.
        guard (try? Stat(socket).type) == .socket else { return nil }
        let request = DeploymentRequest(order: order, configuration: settings.mark)
        let exchange = DaemonExchange(socket: socket, trusted: trusted)
        let body = Array(try JSONEncoder().encode(request))
        guard let (status, body) = try await exchange.send(.POST, APIPath.deploy, body, within: limit) else {
            return nil
        }
        switch status {
        case 200:
            guard let answer = try? JSONDecoder().decode(DeploymentAnswer.self, from: Data(body)) else {
                throw HandOverError.notUnderstood(socket)
            }
            return answer
        case 409: return nil
        default:
            guard let refusal = try? JSONDecoder().decode(APIRefusal.self, from: Data(body)) else {
                throw HandOverError.notUnderstood(socket)
            }
            throw HandOverError.refused(refusal)
        }
    }

    /// Asks the daemon what it sees.
    ///
    /// - Returns: nil where no daemon listens.
    /// - Throws: ``HandOverError`` where it was asked and has not answered.
    func status(within limit: Duration) async throws -> StatusDocument? {
        guard (try? Stat(socket).type) == .socket else { return nil }
        let exchange = DaemonExchange(socket: socket, trusted: trusted)
        guard
            let (status, body) = try await exchange.send(
                .GET, APIPath.Page.status.rawValue, [], within: limit)
        else { return nil }
        if status == 200, let document = try? JSONDecoder().decode(StatusDocument.self, from: Data(body)) {
            return document
        }
        guard let refusal = try? JSONDecoder().decode(APIRefusal.self, from: Data(body)) else {
            throw HandOverError.notUnderstood(socket)
        }
        throw HandOverError.refused(refusal)
    }

    /// Whose daemon is believed: root's, the caller's own, and that of the user who keeps the state directory.
    private var trusted: Set<UInt32> { StateDirectory(path: settings.state).users.union([0, geteuid()]) }
}

/// Why the daemon's answer was not had; what it has done meanwhile stays done.
enum HandOverError: Diagnosis, Equatable {
    /// It went away.
    case ended(FilePath)
    /// It took longer than can be waited for.
    case silent(FilePath, Duration)
    /// Somebody listens there who is neither root nor certd.
    case foreign(FilePath, user: UInt32)
    case unreachable(FilePath, Errno)
    case notUnderstood(FilePath)
    /// It says why itself.
    case refused(APIRefusal)

    var description: String {
        switch self {
        case .ended(let socket): "the daemon ended before it answered (\(socket))"
        case .silent(let socket, let limit):
            "the daemon has not answered within \(limit.components.seconds) s (\(socket))"
        case .foreign(let socket, let user): "\(socket): user \(user) listens there, who is not certd"
        case .unreachable(let socket, let reason): "\(socket): the daemon cannot be asked: \("\(reason)".lowercased())"
        case .notUnderstood(let socket): "\(socket): the daemon's answer is not understood"
        case .refused(let refusal): refusal.error
        }
    }
    var remedy: String {
        switch self {
        case .ended: "see why: journalctl -u certd; and how things stand: certd check"
        case .silent: "see what it is doing: systemctl status certd; and how things stand: certd check"
        case .foreign(let socket, _):
            "see who made it: ls -ld \(socket.removingLastComponent()) \(socket); then: systemctl restart certd"
        case .unreachable(let socket, _): "see who may connect: namei -l \(socket); or: systemctl restart certd"
        case .notUnderstood: "have daemon and command of one version: systemctl restart certd"
        case .refused(let refusal): refusal.remedy
        }
    }
    var findingID: FindingID { .deployFailed }

    /// Whether the daemon may have done what it was asked for, or still do it.
    var leavesOpen: Bool {
        switch self {
        case .ended, .silent, .notUnderstood: true
        case .foreign, .unreachable, .refused: false
        }
    }
}
