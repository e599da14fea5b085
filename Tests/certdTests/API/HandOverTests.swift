import CertKit
import FoundationEssentials
import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// `deploy` and `hook` with a daemon behind the socket.
@Suite struct HandOverTests {
    private static let names = ["a.example.org", "b.example.org"]

    private func program() async throws -> BuiltProgram {
        try await BuiltProgram(lineages: Self.names.map { ($0, []) })
    }

    /// What a deployment with these results would print.
    private static func failing(_ lineages: [Lineage]) -> [DeploymentRun.Result] {
        lineages.map {
            DeploymentRun.Result(lineage: $0, outcome: .failure(DeploymentError.outOfTime(lineage: $0.name)))
        }
    }

    @Test(
        arguments: [
            (["deploy"], nil, names, false, false),
            (["deploy", "b.example.org"], nil, ["b.example.org"], false, false),
            (["deploy", "--force"], nil, names, true, false), (["deploy", "--dry-run"], nil, names, false, true),
            (["hook"], nil, names, false, false), (["hook"], "a.example.org", ["a.example.org"], false, false),
        ] as [([String], String?, [String], Bool, Bool)])
    func `the daemon does the work, and the command says and ends as if it had`(
        arguments: [String], hint: String?, lineages: [String], isForced: Bool, isDryRun: Bool
    ) async throws {
        let program = try await program()
        let asked = Mutex<[String]>([])
        let socket = try await RunningSocket(program) { lineages, force, dryRun in
            asked.withLock { $0 = lineages.map(\.name) }
            #expect((force, dryRun) == (isForced, isDryRun))
            return Self.failing(lineages)
        }
        let run = try await program.run(
            arguments, environment: hint.map { ["RENEWED_LINEAGE=\(program.letsencrypt)/live/\($0)"] } ?? [])
        #expect(asked.withLock { $0 } == lineages)
        let lines = try Self.failing(socket.settings.lineages(named: lineages)).flatMap {
            DeploymentLines.lines(of: $0)
        }
        #expect(run.errors == lines.map { "\($0.text)\n" }.joined())
        #expect(run.status == 1 && run.output.isEmpty)
        #expect((try? Stat(program.scratch.file("certs/a.example.org.pem"))) == nil)
    }

    @Test(arguments: [
        (["deploy", "c.example.org"], "", "no lineage is called c.example.org"),
        (["hook"], "/tmp/x", "RENEWED_LINEAGE"),
    ])
    func `a wrong call is one with a daemon too`(arguments: [String], hint: String, says: String) async throws {
        let program = try await program()
        let alone = try await program.run(arguments, environment: ["RENEWED_LINEAGE=\(hint)"])
        let socket = try await RunningSocket(program)
        let run = try await program.run(arguments, environment: ["RENEWED_LINEAGE=\(hint)"])
        #expect(run.status == 2 && run.errors.contains(says))
        #expect((run.status, run.output, run.errors) == (alone.status, alone.output, alone.errors))
        try await socket.stop()
    }

    @Test func `without a daemon, or with one of another configuration, the command does it itself`() async throws {
        let program = try await program()
        let other = try await RunningSocket(
            program, program.settings("\n[[bundle]]\nlineage = \"a.example.org\"\npath = \"/x.pem\"")
        ) {
            _, _, _ in
            Issue.record("the daemon of another configuration was given work")
            return []
        }
        let run = try await program.run(["deploy", "a.example.org"])
        #expect(run.status == 0 && run.output.hasPrefix("a.example.org: deployed "))
        try await other.stop()
        let again = try await program.run(["deploy", "a.example.org"])
        #expect(again.status == 0 && again.output.contains("nothing to do"))
        // A killed daemon leaves its socket.
        try listen(on: other.path).close()
        let last = try await program.run(["deploy", "b.example.org"])
        #expect(last.status == 0 && last.output.hasPrefix("b.example.org: deployed "))
    }

    @Test(arguments: [
        (ScriptedSocket.Turn.hangUp(after: ""), "the daemon ended before it answered", "journalctl -u certd"),
        (.hangUp(after: "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{"), "ended before", "certd check"),
        (.hangUp(after: "ERROR\r\n\r\n"), "is not understood", "systemctl restart certd"),
        (.silence(after: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"), "is not understood", "systemctl restart"),
        (.silence(after: "HTTP/1.1 500 X\r\nContent-Length: 2\r\n\r\n{}"), "is not understood", "systemctl restart"),
    ])
    func `a daemon that fails half-way is an error, and nothing is done twice`(
        turn: ScriptedSocket.Turn, says: String, hint: String
    ) async throws {
        let program = try await program()
        let scripted = try scripted(program, turn)
        let run = try await program.run(["deploy", "a.example.org"])
        #expect(run.status == 1 && run.errors.contains(says) && run.errors.contains(hint))
        #expect((try? Stat(program.scratch.file("certs/a.example.org.pem"))) == nil)
        _ = scripted
    }

    @Test func `a daemon that does not answer is waited for no longer than the hook may take`() async throws {
        let program = try await program()
        let scripted = try scripted(program, .silence(after: ""))
        let settings = try program.settings()
        let error = await #expect(throws: HandOverError.self) {
            _ = try await DaemonClient(settings).handOver(DeploymentOrder(command: .hook), within: .milliseconds(50))
        }
        #expect(error == .silent(DaemonSocket.path(in: settings.runtime), .milliseconds(50)))
        #expect(error?.remedy.contains("systemctl status certd") == true)
        _ = scripted
    }

    private func scripted(_ program: BuiltProgram, _ turn: ScriptedSocket.Turn) throws -> ScriptedSocket {
        let scripted = try ScriptedSocket(in: program.scratch) { _ in turn }
        let runtime = try program.settings().runtime
        try FileManager.default.createDirectory(atPath: runtime.string, withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(
            atPath: DaemonSocket.path(in: runtime).string, withDestinationPath: scripted.path.string)
        return scripted
    }
}

extension Settings {
    fileprivate func lineages(named names: [String]) throws -> [Lineage] {
        try names.map { try Lineage($0, below: letsencrypt) }
    }
}
