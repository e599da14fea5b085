import Glibc
import NIOCore

/// The process at the other end of a Unix connection, as the kernel noted when it connected or began to listen (unix(7),
/// `SO_PEERCRED`).
///
/// Its layout is the kernel's `struct ucred`, which Swift does not import.
struct Peer: Sendable {
    let process: pid_t
    let user: uid_t
    let group: gid_t

    /// Asks the kernel.
    init(of channel: any Channel) async throws {
        guard let socket = channel as? any SocketOptionProvider else { throw ChannelError.operationUnsupported }
        let asked: EventLoopFuture<Peer> = socket.unsafeGetSocketOption(
            level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
        self = try await asked.get()
    }
}
