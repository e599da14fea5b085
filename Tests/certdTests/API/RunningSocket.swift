import CertKit
import FoundationEssentials
import Logging
import NIOCore
import ServiceLifecycle
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// The daemon's socket, and its listener on loopback where the settings ask for one, without the daemon: what it is asked to
/// do the test does.
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
        _ program: BuiltProgram, _ settings: Settings? = nil, limits: ConnectionGuard.Limits = .patient,
        look: LastLook = LastLook(), waitsForListener: Bool = true,
        deploy: @escaping Deploy = { _, _, _ in [] }
    ) async throws {
        let settings = try settings ?? program.settings()
        (self.program, self.settings) = (program, settings)
        let inventory: @Sendable () async throws -> Inventory = {
            try await Inventory(settings: settings, world: .live)
        }
        let eyes = Eyes(SignatureMemory())
        let responder = APIResponder(
            status: StatusDesk { try await eyes.look(inventory) },
            health: DaemonHealth(now: { Date.now }, lastLook: { look }), figures: DaemonFigures(),
            desk: DeploymentDesk(inventory: inventory, deploy: deploy))
        let (listening, started) = AsyncStream<Void>.makeStream()
        var socket = DaemonSocket(
            directory: settings.runtime, responder: responder,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        socket.limits = limits
        socket.isListening = { started.yield() }
        var services: [any Service] = [socket]
        if let address = settings.listen {
            var listener = LoopbackListener(address: address, responder: responder, logger: socket.logger)
            (listener.limits, listener.isListening) = (limits, { started.yield() })
            services.append(listener)
        }
        let group = ServiceGroup(services: services, logger: socket.logger)
        let ended = Task {
            defer { started.finish() }
            try await group.run()
        }
        (self.group, self.ended) = (group, ended)
        var missing = waitsForListener ? services.count : 1
        for await _ in listening {
            missing -= 1
            if missing == 0 { return }
        }
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

extension RunningSocket {
    /// What comes back over TCP, without what a browser is told each time.
    func fetch(_ path: String, _ options: String...) async throws -> (head: [String], body: String) {
        let address = try #require(settings.listen)
        let whole = try await requireTool(
            "curl", ["-sSi", "--max-time", "60"] + options + ["http://\(address)\(path)"])
        let parts = whole.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        return (parts[0].split(separator: "\r\n").map(String.init), parts.count > 1 ? String(parts[1]) : "")
    }
}

extension ConnectionGuard.Limits {
    /// For tests in which nobody is slow but this machine.
    static let patient = ConnectionGuard.Limits(arrival: .seconds(60), delivery: .seconds(60), farewell: .seconds(60))
}

extension BuiltProgram {
    /// What this program would read from its configuration, with more lines at its end.
    func settings(_ more: String = "") throws -> Settings { try load(scratch.read("certd.toml") + more) }

    /// The same with a listener on loopback.
    func listeningSettings() throws -> Settings {
        try settings("\n[http]\nlisten = \"\(RunningHAProxy.unusedAddress(port: 9793))\"\n")
    }
}
