import CertKit
import FoundationEssentials
import Glibc
import NIOCore
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// The socket as whoever connects to it finds it.
@Suite struct DaemonSocketTests {
    @Test func `everybody may connect, and the directory is open but not writable`() async throws {
        let socket = try await RunningSocket(BuiltProgram())
        #expect(try Stat(socket.path).permissions.rawValue & 0o777 == 0o666)
        #expect(try Stat(socket.settings.runtime).permissions.rawValue & 0o777 == 0o755)
        try await socket.stop()
        #expect((try? Stat(socket.path)) == nil)
    }

    @Test func `the status is the document that check prints`() async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", [])])
        let socket = try await RunningSocket(program)
        let answer = try await socket.ask("GET", "/v1/status")
        let parts = answer.split(separator: "\r\n\r\n", maxSplits: 1)
        try #require(parts.count == 2)
        #expect(parts[0].hasPrefix("HTTP/1.1 200 OK") && parts[0].contains("application/json"))
        let printed = try await program.run(["check", "-o", "json"]).output
        func timeless(_ text: some StringProtocol) -> [Substring] {
            String(text).split(separator: "\n").filter { !$0.contains("checked_at") }
        }
        #expect(timeless(parts[1]) == timeless(printed))
    }

    @Test(arguments: [
        ("POST", "/v1/status", "", "", "405"), ("GET", "/v1/deploy", "", "", "405"),
        ("GET", "/v2/status", "", "", "404"),
        ("GET", "/v1/../etc/passwd", "", "", "404"), ("POST", "/v1/deploy", "", "", "400"),
        ("POST", "/v1/deploy", "[]", "", "400"), ("POST", "/v1/deploy", #"{"order": {"command": "rm"}}"#, "", "400"),
        ("POST", "/v1/deploy", String(repeating: "x", count: (64 << 10) + 1), "", "413"),
        ("GET", "/v1/status", "", String(repeating: "X: y\r\n", count: 40), "400"),
        ("GET", "/v1/status", "", "X: \(String(repeating: "y", count: 5000))\r\n", "400"),
        ("GET \u{1}", "/v1/status", "", "", "400"),
    ])
    func `what is no request of certd's is refused`(
        method: String, path: String, body: String, fields: String, status: String
    ) async throws {
        let socket = try await RunningSocket(BuiltProgram()) { _, _, _ in
            Issue.record("something was deployed")
            return []
        }
        let answer = try await socket.ask(method, path, body, fields: fields)
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
    }

    @Test func `a daemon that was killed is replaced, and one that lives is not`() async throws {
        let program = try await BuiltProgram()
        let settings = try program.settings()
        try FileManager.default.createDirectory(atPath: settings.runtime.string, withIntermediateDirectories: false)
        try listen(on: DaemonSocket.path(in: settings.runtime)).close()

        let first = try await RunningSocket(program, settings)
        let error = await #expect(throws: DaemonSocketError.self) { _ = try await RunningSocket(program, settings) }

        guard case .anotherDaemon(let holder, _) = error else { throw try #require(error) }
        #expect(holder?.pid == getpid())
        #expect(error?.remedy.contains("systemctl stop certd") == true)
        #expect(try await first.ask("GET", "/v1/status").hasPrefix("HTTP/1.1 200 OK"))
    }

    @Test func `a place where nobody can listen is named with the way out`() async throws {
        let program = try await BuiltProgram()
        let long = String(repeating: "x", count: 100)
        for (runtime, says) in [
            ("/proc/certd", "cannot listen there"), (program.scratch.file(long).string, "at most 107"),
        ] {
            let toml = try program.scratch.read("certd.toml")
            let settings = try load(toml.replacing("\(program.scratch.file("run"))", with: runtime))
            let error = await #expect(throws: DaemonSocketError.self) { _ = try await RunningSocket(program, settings) }
            #expect(error?.description.contains(says) == true)
        }
    }

    @Test(arguments: ["", "GET /v1/status HTTP/1.1\r\nX: y", "POST /v1/deploy HTTP/1.1\r\nContent-Length: 9\r\n\r\n"])
    func `who does not send a whole request is let go`(part: String) async throws {
        let socket = try await RunningSocket(
            BuiltProgram(), limits: ConnectionGuard.Limits(arrival: .seconds(1)))
        let answer: String
        do {
            answer = try await askHAProxy(at: socket.path, part)
        } catch Errno.connectionReset {
            // As it looks to who is let go before all that came was read.
            answer = ""
        }
        #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 400 "))
        #expect(try await socket.ask("GET", "/v1/status").hasPrefix("HTTP/1.1 200 OK"))
    }
}
