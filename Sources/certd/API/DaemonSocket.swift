import CertKit
import Glibc
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle
import SystemPackage

/// The daemon's HTTP server on `certd.sock` in the runtime directory.
///
/// The daemon that holds the lock beside it is the one that listens, so what a killed one left is replaced, and a second
/// one does not take the socket from the first.
struct DaemonSocket: Service {
    let directory: FilePath
    let responder: APIResponder
    let logger: Logger
    var limits = ConnectionGuard.Limits()
    /// Called when clients can connect.
    var isListening: @Sendable () -> Void = {}

    static func path(in directory: FilePath) -> FilePath { directory.appending("certd.sock") }

    /// Answers until it is told to stop, which it does after the requests under way.
    ///
    /// - Throws: ``DaemonSocketError``.
    func run() async throws {
        let path = DaemonSocket.path(in: directory)
        guard path.string.utf8.count < DaemonSocket.addressLimit else { throw DaemonSocketError.pathTooLong(path) }
        let lock = try await claim()
        do {
            try await serve(at: path)
            // NIO closes a socket that it cannot wait for, and says no more than that there are no further connections.
            guard Task.isShuttingDownGracefully || Task.isCancelled else { throw DaemonSocketError.closed(path) }
        } catch is ChannelError {
            throw DaemonSocketError.closed(path)
        } catch let error as IOError {
            throw DaemonSocketError.notListening(path, Errno(rawValue: error.errnoCode))
        }
        _ = unsafe unlink(path.string)
        lock.release()
    }

    private func serve(at path: FilePath) async throws {
        let (logger, isListening) = (logger, isListening)
        let server = GuardedHTTP(responder, limits: limits)
        try await server.serve(at: .unixDomainSocket(path: path.string), logger: logger) {
            if unsafe chmod(path.string, 0o666) != 0 {
                let reason = Errno(rawValue: errno)
                // NIO has closed it again.
                if reason == .noSuchFileOrDirectory { return }
                logger.error("others cannot reach the socket", metadata: ["path": "\(path)", "reason": "\(reason)"])
            }
            isListening()
        }
    }

    /// Makes the runtime directory, if need be, and holds it for this daemon alone.
    private func claim() async throws -> FileLock {
        if unsafe mkdir(directory.string, 0o755) == 0 {
            // Whatever the umask took away.
            _ = unsafe chmod(directory.string, 0o755)
        } else if errno != EEXIST {
            throw DaemonSocketError.notListening(directory, Errno(rawValue: errno))
        }
        do {
            return try await FileLock.acquire(
                at: directory.appending("daemon.lock"), within: .zero, on: ContinuousClock())
        } catch LockError.held(_, let holder, _) {
            throw DaemonSocketError.anotherDaemon(holder, directory: directory)
        }
    }

    /// The bytes of `sun_path`, its end included.
    private static let addressLimit = 108
}

/// Why the daemon cannot be reached.
enum DaemonSocketError: Diagnosis, Equatable {
    case anotherDaemon(LockHolder?, directory: FilePath)
    case pathTooLong(FilePath)
    case notListening(FilePath, Errno)
    case closed(FilePath)

    var description: String {
        switch self {
        case .anotherDaemon(let holder?, let directory):
            "another daemon is running: process \(holder.pid) (\(holder.command.printable)) holds \(directory)"
        case .anotherDaemon(nil, let directory): "another daemon is running: it holds \(directory)"
        case .pathTooLong(let path): "\(path): no path of a Unix socket, which has at most 107 bytes"
        case .notListening(let path, let reason): "\(path): cannot listen there: \("\(reason)".lowercased())"
        case .closed(let path): "\(path): the system takes no more connections there"
        }
    }
    var remedy: String {
        switch self {
        case .anotherDaemon:
            "end that one first: systemctl stop certd; or give this one a directory of its own: [paths] runtime in certd.toml"
        case .pathTooLong: "name a shorter directory in certd.toml: [paths] runtime"
        case .closed: "start it again: systemctl restart certd; see what the system is short of: free; ulimit -a"
        case .notListening(let path, _):
            "have its directory belong to the user that runs the daemon: ls -ld \(path.removingLastComponent()) \(path)"
        }
    }
    var findingID: FindingID { .deployFailed }
}
