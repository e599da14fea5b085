import NIOCore
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// Requests that nobody sends who means well: each is refused or its connection closed, and others are served.
@Suite struct HostileRequestTests {
    private func clients(_ kind: String, _ daemon: RunningSocket, _ numbers: String...) async throws -> [String: Int] {
        let address = try #require(daemon.settings.listen)
        let tool = packageDirectory.appending("Tests/Clients/http-clients").string
        let output = try await requireTool(tool, [kind, address.host, "\(address.port)"] + numbers)
        let pairs = output.split(separator: "\n").map { $0.split(separator: " ") }.filter { $0.count == 2 }
        return Dictionary(uniqueKeysWithValues: pairs.map { (String($0[0]), Int($0[1]) ?? .max) })
    }

    @Test func `what is malformed or too large is refused, and others are served`() async throws {
        let program = try await BuiltProgram()
        let daemon = try await RunningSocket(program, program.listeningSettings()) { _, _, _ in
            Issue.record("something was deployed")
            return []
        }
        let answers = try await clients("hostile", daemon)
        #expect(answers.count == 25)
        for (kind, status) in answers {
            let isServed = ["pipelined", "half-closed"].contains(kind)
            #expect(
                isServed ? status == 200 : status == 0 || (400..<600).contains(status) && status != 500,
                "\(kind): \(status)")
        }
        #expect(try await daemon.fetch("/healthz").body == "ok\n")
    }

    @Test func `five hundred who never finish their request are let go, and others are served`() async throws {
        let program = try await BuiltProgram()
        let limits = ConnectionGuard.Limits(arrival: .seconds(1))
        let daemon = try await RunningSocket(program, program.listeningSettings(), limits: limits)
        async let crowd = clients("crowd", daemon, "500")
        // Its turn comes when others have had theirs.
        for _ in 0..<3 {
            let answer = try await daemon.fetch(
                "/healthz", "--retry", "10", "--retry-all-errors", "--retry-max-time", "60")
            #expect(answer.body.hasSuffix("ok\n"))
        }
        _ = try await crowd
    }
}
