import CertKit
import HAProxyKit

/// How HAProxy gets a new bundle, as the stations stand.
struct Route: Sendable {
    enum Kind: Sendable {
        /// Through the Runtime API of every socket that answers.
        case live
        /// HAProxy is not running: its next start loads the file.
        case down
        /// No HAProxy is configured here.
        case diskOnly
    }

    let kind: Kind
    /// Sockets where nothing listens, while others answer.
    let skipped: [String]

    /// Chooses the way.
    ///
    /// - Throws: any trouble with a socket but being down, and a name that HAProxy does not know and nothing tells where to
    ///   add; nothing has been changed then.
    init(_ look: Observation) throws {
        let down = look.memory.filter(\.isDown)
        let up = look.memory.filter { !$0.isDown }
        for station in up {
            switch station.loaded {
            case .failure(let error): throw error
            case .success(nil) where station.list == nil:
                throw DeploymentError.nameUnknown(name: station.name, socket: station.socket)
            case .success: break
            }
        }
        if look.memory.isEmpty {
            (kind, skipped) = (.diskOnly, [])
        } else if up.isEmpty {
            if let open = look.wire.first(where: \.accepts), let socket = down.first?.socket {
                throw DeploymentError.socketDownButServing(socket: socket, address: open.address.description)
            }
            (kind, skipped) = (.down, [])
        } else {
            (kind, skipped) = (.live, down.map(\.socket))
        }
    }
}
