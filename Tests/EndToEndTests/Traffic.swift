internal import FoundationEssentials
internal import SystemPackage
internal import TestSupport
internal import Testing

/// Clients of a stage's HAProxy and the servers behind it: `scripts/support/traffic` tells which.
final class Traffic: Sendable {
    /// What the clients saw so far.
    struct Report: Decodable {
        /// A session that was opened once and talks all the time.
        struct Session: Decodable {
            let open: Bool
            let messages: Int
        }
        /// Short requests over connections of their own.
        struct Requests: Decodable {
            let answered: Int
            let failed: Int
        }
        let tcp: Session
        let websocket: Session
        let requests: Requests
        /// How many requests saw a certificate, by its SHA-256.
        let certificates: [String: Int]
    }

    private let process: HelperProcess

    /// Starts the servers, then the clients; returns when each client has had its first answer.
    init(through stage: Stage, to name: String) async throws {
        process = try await .start(packageDirectory.appending("scripts/support/traffic"), [stage.address, name])
        try #require(try await process.ask("connect") == "connected")
    }

    /// Ends clients and servers.
    func stop() async throws { try await process.stop() }

    /// What the clients saw so far.
    func report() async throws -> Report {
        try JSONDecoder().decode(Report.self, from: Data(try await process.ask("report").utf8))
    }
}
