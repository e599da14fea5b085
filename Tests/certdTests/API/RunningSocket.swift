import CertKit
import FoundationEssentials
import Logging
import NIOCore
import ServiceLifecycle
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// The daemon's socket without the daemon: what it is asked to do the test does.
final class RunningSocket: Sendable {
    typealias Deploy =
        @Sendable (_ lineages: [Lineage], _ isForced: Bool, _ isDryRun: Bool) async throws ->
        [DeploymentRun.Result]

    let settings: Settings
    private let program: BuiltProgram
    var path: FilePath { DaemonSocket.path(in: settings.runtime) }
    private let group: ServiceGroup
    private let ended: Task<Void, any Error>

    /// Starts to listen, and comes back when clients can connect.
    init(
        _ program: BuiltProgram, _ settings: Settings? = nil, arrivalLimit: TimeAmount = .seconds(60),
        deploy: @escaping Deploy = { _, _, _ in [] }
    ) async throws {
        let settings = try settings ?? program.settings()
        (self.program, self.settings) = (program, settings)
        let inventory: @Sendable () async throws -> Inventory = {
            try await Inventory(settings: settings, world: .live)
        }
        var responder = APIResponder(
            status: { try await Checker(inventory: inventory()).document(of: inventory().lineages) },
            desk: DeploymentDesk(inventory: inventory, deploy: deploy))
        responder.arrivalLimit = arrivalLimit
        let (listening, started) = AsyncStream<Void>.makeStream()
        var socket = DaemonSocket(
            directory: settings.runtime, responder: responder,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        socket.isListening = { started.yield() }
        let group = ServiceGroup(services: [socket], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let ended = Task {
            defer { started.finish() }
            try await group.run()
        }
        (self.group, self.ended) = (group, ended)
        for await _ in listening { return }
        try await ended.value
    }

    deinit { ended.cancel() }

    /// Ends it as SIGTERM would.
    func stop() async throws {
        await group.triggerGracefulShutdown()
        try await ended.value
    }

    /// What comes back for a request as it is written on the wire.
    func ask(_ method: String, _ path: String, _ body: String = "", fields: String = "") async throws -> String {
        let length = body.isEmpty ? "" : "Content-Length: \(body.utf8.count)\r\n"
        return try await askHAProxy(
            at: self.path, "\(method) \(path) HTTP/1.1\r\nHost: certd\r\n\(fields)\(length)\r\n\(body)")
    }
}

extension BuiltProgram {
    /// What this program would read from its configuration, with more lines at its end.
    func settings(_ more: String = "") throws -> Settings { try load(scratch.read("certd.toml") + more) }
}
