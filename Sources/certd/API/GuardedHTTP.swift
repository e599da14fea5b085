import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// HTTP/1 with limits on everything that a client decides.
struct GuardedHTTP: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    /// As many connections at once for each listener; further ones wait.
    static let connectionLimit = 64

    private let channels: HTTP1Channel
    private let limits: ConnectionGuard.Limits

    init(_ responder: APIResponder, limits: ConnectionGuard.Limits) {
        var decoder = HTTP1Channel.Configuration.DecoderConfiguration()
        (decoder.maxHeaderFieldSize, decoder.maxHeaderListSize, decoder.maxHeaderFieldCount) = (4096, 16_384, 32)
        channels = HTTP1Channel(
            responder: { try await responder.respond($0, $1, $2) },
            configuration: .init(httpDecoderConfiguration: decoder))
        self.limits = limits
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let limits = limits
        return channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(ConnectionGuard(limits))
        }.flatMap { channels.setup(channel: channel, logger: logger) }
    }

    func handle(value: Value, logger: Logger) async { await channels.handle(value: value, logger: logger) }

    /// Answers at `address` until the service around it is told to stop, which it does after the requests under way.
    ///
    /// - Throws: `IOError` where nobody can listen there.
    func serve(
        at address: BindAddress, logger: Logger, isListening: @escaping @Sendable () -> Void
    ) async throws {
        let server = server(
            configuration: ServerConfiguration(
                address: address, backlog: GuardedHTTP.connectionLimit,
                availableConnectionsDelegate: MaximumAvailableConnections(GuardedHTTP.connectionLimit)),
            onServerRunning: { _ in isListening() },
            // The process's own loops, which never end: the server's task that ends it may outlive its `run`, and on a
            // loop that has ended NIO would trap for the promise that it waits for.
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
        try await server.run()
    }
}
