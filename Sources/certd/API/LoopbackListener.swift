import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The daemon's HTTP server on loopback, where the configuration asks for one: read-only, for everybody on this host.
///
/// Where it cannot listen the daemon works on without it, and tries again: certificates matter more than a page.
struct LoopbackListener: Service {
    let address: LoopbackAddress
    let responder: APIResponder
    let logger: Logger
    var limits = ConnectionGuard.Limits()
    /// The pause before it is tried again.
    var pause = TimeAmount.seconds(30)
    /// Called when clients can connect.
    var isListening: @Sendable () -> Void = {}

    func run() async {
        let server = GuardedHTTP(responder.readOnly, limits: limits)
        var isKnown = false
        while !Task.isShuttingDownGracefully {
            do {
                try await server.serve(
                    at: .hostname(address.host, port: Int(address.port)), logger: logger, isListening: isListening)
            } catch {
                // Told once, not at each of the tries that follow.
                logger.log(
                    level: isKnown ? .debug : .error, "the page is not served",
                    metadata: [
                        "address": "\(address)", "error": "\(error)",
                        "remedy": "see who listens there: ss -ltnp; or name another port in certd.toml: [http] listen",
                    ])
                isKnown = true
            }
            await rest()
        }
    }

    /// A task's own sleep would set Swift's pool to work, see ``DaemonExecutor``.
    private func rest() async {
        let over = MultiThreadedEventLoopGroup.singleton.any().scheduleTask(in: pause) {}
        await withGracefulShutdownHandler {
            try? await over.futureResult.get()
        } onGracefulShutdown: {
            over.cancel()
        }
    }
}
