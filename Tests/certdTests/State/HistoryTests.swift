import CertKit
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// What was deployed when.
@Suite struct HistoryTests {
    private let name = "a.example.org"

    private static func past(
        _ number: Int, _ outcome: PastDeployment.Outcome = .deployed, message: String? = nil
    ) -> PastDeployment {
        PastDeployment(
            at: (MadeLeaf.now + Double(number)).utc, lineage: "a.example.org", outcome: outcome, old: nil,
            new: outcome == .failed ? nil : String(repeating: "ab", count: 32), stations: ["bundle", "wire"],
            milliseconds: number, message: message)
    }

    @Test func `a line a deployment, and what failed below it`() {
        let history = DeploymentHistory(deployments: [
            Self.past(2, .failed, message: "no \u{1b}[31mway"), Self.past(1),
        ])
        #expect(
            history.text() == """
                WHEN               LINEAGE        OUTCOME   OLD  NEW       STATIONS     TOOK
                2026-11-23 00:00Z  a.example.org  failed    -    -         bundle,wire  2 ms
                  no \\u{1B}[31mway
                2026-11-23 00:00Z  a.example.org  deployed  -    abababab  bundle,wire  1 ms

                """)
        #expect(DeploymentHistory(deployments: []).text() == "no deployment is on record\n")
    }

    @Test func `a line that certd has not written is passed over`() async throws {
        let scratch = try ScratchDirectory()
        let state = StateDirectory(path: scratch.path)
        #expect(try state.history() == [])
        try state.record(Self.past(1))
        let line = try scratch.read("history.jsonl")
        let broken = ["", "{", line.replacing("2026", with: "x"), line.replacing("deployed", with: "sold"), "\u{0}"]
        try scratch.write(line + broken.joined(separator: "\n") + String(line.dropLast(9)), to: "history.jsonl")
        try state.record(Self.past(2))
        #expect(try state.history() == [Self.past(1), Self.past(2)])
        #expect(try state.history(newest: 1) == [Self.past(2)])
        #expect(try state.history(newest: 2) == [Self.past(1), Self.past(2)])
    }

    @Test func `the file stays small, and keeps what is newest`() throws {
        let scratch = try ScratchDirectory()
        let state = StateDirectory(path: scratch.path)
        try state.record(Self.past(1))
        let line = try scratch.read("history.jsonl")
        let count = StateDirectory.historyLimit / line.utf8.count
        try scratch.write(String(repeating: line, count: count), to: "history.jsonl")
        try state.record(Self.past(2))
        let history = try state.history()
        #expect(history.count > count / 3 && history.count <= count / 2)
        #expect(history.last == Self.past(2))
        #expect(try Stat(scratch.file("history.jsonl")).permissions == .ownerReadWrite)
        try state.record(Self.past(3))
        #expect(try state.history() == history + [Self.past(3)])
    }

    @Test func `a file that is too large to be read keeps what is newest as well`() throws {
        let scratch = try ScratchDirectory()
        let state = StateDirectory(path: scratch.path)
        try state.record(Self.past(1))
        let line = try scratch.read("history.jsonl")
        try scratch.write(String(repeating: line, count: fileSizeLimit / line.utf8.count + 1), to: "history.jsonl")
        #expect(throws: FileError.self) { try state.history() }
        try state.record(Self.past(2))
        let history = try state.history()
        #expect(history.count == StateDirectory.historyLimit / 2 / line.utf8.count)
        #expect(history.last == Self.past(2))
    }

    @Test func `what was deployed and what failed is told, the newest first, a failure that stays once`() async throws {
        let program = try await BuiltProgram(lineages: [(name, ["--not-after=+80d"])])
        #expect(try await program.run(["history"]).output == "no deployment is on record\n")
        func deploy() async throws { _ = try await program.run(["deploy"]) }
        try await deploy()
        try await deploy()
        try await MadeCertificates.lineage(
            name, below: program.letsencrypt, ["--case", "key-mismatch", "--generation", "2"], now: nil)
        try await deploy()
        try await deploy()
        try await MadeCertificates.lineage(name, below: program.letsencrypt, ["--generation", "3"], now: nil)
        try await deploy()

        let run = try await program.run(["history", name])
        #expect(run.status == 0 && run.errors.isEmpty)
        let lines = run.output.split(separator: "\n").map(String.init)
        #expect(lines.count == 5)
        let outcomes = lines.filter { $0.hasPrefix("20") }.map { $0.split(separator: " ").map(String.init)[3] }
        #expect(outcomes == ["deployed", "failed", "deployed"])
        #expect(lines[3].contains("private key") || lines[3].contains("privkey.pem"))
        #expect(try await program.run(["history", "b.example.org"]).output == "no deployment is on record\n")
        #expect(try await program.run(["history", "../x"]).status == 2)

        let json = try await program.run(["history", "--json"]).output
        let document = try JSONDecoder().decode(Document.self, from: Data(json.utf8))
        #expect(document.schema_version == 1)
        #expect(document.deployments.map(\.outcome) == [.deployed, .failed, .deployed])
        #expect(document.deployments[0].old == document.deployments[2].new)
        #expect(document.deployments[0].new != document.deployments[2].new)
        #expect(document.deployments.map(\.stations) == [["bundle"], [], ["bundle"]])
    }

    @Test func `a record that cannot be read is an error`() async throws {
        let program = try await BuiltProgram()
        try FileManager.default.createDirectory(
            atPath: program.scratch.file("state/history.jsonl").string, withIntermediateDirectories: true)
        let run = try await program.run(["history"])
        #expect(run.status == 1 && run.errors.contains("history.jsonl"))
    }

    private struct Document: Decodable {
        let schema_version: Int
        let deployments: [PastDeployment]
    }
}
