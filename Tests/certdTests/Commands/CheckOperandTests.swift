import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// What `check` and `inspect` take beside lineages.
@Suite struct CheckOperandTests {
    private func program(_ lineages: [(String, [String])]) async throws -> BuiltProgram {
        try await BuiltProgram(lineages: lineages.map { (name: $0.0, options: $0.1) })
    }

    @Test(
        arguments: [
            ("healthy", "fullchain.pem", [], 0, ""), ("healthy", "cert.pem", [], 2, "chain-incomplete"),
            ("healthy", "chain.pem", [], 0, ""), ("expired", "fullchain.pem", [], 2, "expired"),
            ("healthy", "fullchain.pem", ["privkey.pem"], 0, ""),
            ("key-mismatch", "fullchain.pem", ["privkey.pem"], 2, "key-mismatch"),
            ("leaf-last", "fullchain.pem", ["privkey.pem"], 2, "chain-order"),
            ("healthy", "none.pem", [], 3, "file-missing"),
            ("healthy", "privkey.pem", [], 2, "pem-unreadable"),
            ("healthy", "fullchain.pem", ["cert.pem"], 2, "key-missing"),
        ] as [(String, String, [String], Int32, String)])
    func `a file is judged by what it holds`(
        made: String, file: String, key: [String], status: Int32, problem: String
    ) async throws {
        let program = try await program([("a.example.org", ["--case", made])])
        let live = program.letsencrypt.appending("live/a.example.org")
        let keys = key.flatMap { ["--key", live.appending($0).string] }
        // certbot's directory is no matter of a file's.
        let run = try await program.run(
            ["check", live.appending(file).string] + keys, environment: ["CERTD_LETSENCRYPT_DIRECTORY=/nowhere"])
        #expect(run.status == status, "\(run)")
        let row = try #require(run.output.split(separator: "\n").first { $0.hasPrefix(live.string) })
        #expect(problem.isEmpty ? row.hasSuffix("-") : row.hasSuffix(" \(problem)"), "\(row)")
    }

    @Test func `a directory is each of its files, and standard input is one more`() async throws {
        let program = try await program([("a.example.org", []), ("b.example.org", ["--case", "expired"])])
        _ = try await program.run(["build", "--force"])
        let certs = program.scratch.file("certs").string
        let run = try await program.run(["check", certs])
        #expect(run.status == 2)
        #expect(
            run.output.contains("\(certs)/a.example.org.pem  ") && run.output.contains("\(certs)/b.example.org.pem  "))
        let piped = try await program.shell("\"$0\" check - < \(program.letsencrypt)/live/a.example.org/fullchain.pem")
        #expect(piped.status == 0 && piped.output.contains("\nstandard input  ok"))
        let empty = try await program.shell("\"$0\" check - < /dev/null")
        #expect(empty.status == 2 && empty.output.contains("standard input"))
        let none = try await program.run(["check", program.letsencrypt.appending("live").string])
        #expect(none.status == 3 && none.output.contains("file-missing"))
    }

    @Test func `an address is judged by what it serves and by its name`() async throws {
        let program = try await program([("a.example.org", ["--names", "localhost"])])
        let live = program.letsencrypt.appending("live/a.example.org")
        let server = ["-cert", live.appending("cert.pem").string, "-key", live.appending("privkey.pem").string]
        try await withTLSServer(server + ["-cert_chain", live.appending("chain.pem").string]) { address in
            let port = address.split(separator: ":")[1]
            let named = try await program.run(["check", "localhost:\(port)"])
            #expect(named.status == 0, "\(named)")
            let other = try await program.run(["check", address, "--servername", "sip.example.org"])
            #expect(other.status == 2 && other.output.contains("name-mismatch"))
            let shown = try await program.run(["inspect", "localhost:\(port)"])
            #expect(shown.status == 0 && shown.output.contains("\n  `- E1 (intermediate"))
        }
        let refused = try await program.run(["check", "127.0.0.1:1"])
        #expect(refused.status == 2 && refused.output.contains("wire-unreachable"))
    }

    @Test func `a lineage goes before a file of its name, and --key wants one operand`() async throws {
        let program = try await program([("a.example.org", [])])
        _ = try await program.run(["build"])
        let run = try await program.shell(
            "cd \(program.scratch.path) && echo no > a.example.org && \"$0\" check a.example.org")
        #expect(run.status == 0, "\(run)")
        let wrong = try await program.run(["check", "--key", "x.pem"])
        #expect(wrong.status == 3 && wrong.errors.contains("--key goes with one file"))
    }
}
