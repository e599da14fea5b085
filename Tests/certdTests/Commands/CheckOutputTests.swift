import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// How `check` gives its answer, as whoever calls it sees it.
@Suite struct CheckOutputTests {
    @Test func `plugin output holds everything on standard output, errors too`() async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", [])])
        for (arguments, says) in [
            (["-o", "nagios"], "CERTD UNKNOWN: 1 of 1 lineages: a.example.org: bundle-missing"),
            (["-o", "nagios", "b.example.org"], "CERTD UNKNOWN: no lineage is called b.example.org"),
            (["--output", "nagios", "--bogus"], "CERTD UNKNOWN: unknown option '--bogus'\nfix: see: certd help check"),
            (["--output=nagios", "-t", "soon"], "CERTD UNKNOWN: 'soon' is no number of seconds"),
        ] {
            let run = try await program.run(["check"] + arguments)
            #expect(run.status == 3 && run.errors.isEmpty, "\(run)")
            #expect(run.output.hasPrefix(says), "\(run.output)")
        }
    }

    @Test func `a run that takes too long is critical`() async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", [])])
        // An HAProxy that accepts and never answers.
        let socket = program.scratch.file("silent.sock")
        let listener = try listen(on: socket)
        defer { try? listener.close() }
        let environment = ["CERTD_HAPROXY_SOCKETS=\(socket)"]
        let plugin = try await program.run(["check", "-o", "nagios", "-t", "0.5"], environment: environment)
        #expect(plugin.status == 2 && plugin.errors.isEmpty)
        #expect(plugin.output.hasPrefix("CERTD CRITICAL: no verdict within 0.5 s\n"))
        let table = try await program.run(["check", "-t", "0.5"], environment: environment)
        #expect(table.status == 2 && table.output.isEmpty)
        #expect(table.errors.contains("certd: error: no verdict within 0.5 s"))
    }

    @Test func `quiet leaves the exit code`() async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", ["--case", "expired"])])
        _ = try await program.run(["build", "--force"])
        let run = try await program.run(["check", "--quiet"])
        #expect(run.status == 2 && run.output.isEmpty && run.errors.isEmpty)
    }

    @Test func `the wide table has its columns, and nobody is shown colours in a pipe`() async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", ["--not-after=2036-01-02T03:04:05Z"])])
        let run = try await program.run(["check", "-o", "wide"], environment: ["TERM=xterm"])
        let header = try #require(run.output.split(separator: "\n").first)
        #expect(
            header.split(separator: " ").map(String.init)
                == ["NAME", "STATE", "LEFT", "USED", "EXPIRES", "ISSUER", "KEY", "BUNDLE", "MEMORY", "WIRE", "PROBLEM"])
        #expect(run.output.contains("2036-01-02 03:04Z  E1      EC P-256  missing  -       -     "))
        #expect(!run.output.contains("\u{1B}"))
        #expect(try await program.run(["check", "--color", "always"]).output.contains("\u{1B}[35munknown\u{1B}[0m"))
    }

    @Test func `a narrow terminal gets a table without dates, and a pipe the whole`() async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", ["--case", "expired"])])
        let width = "stty cols 80; export NO_COLOR=1"
        let terminal = try await program.shell(
            "script -qec '\(width); \(program.path) check' /dev/null")
        let rows = terminal.output.split(whereSeparator: \.isNewline).prefix(2)
        #expect(rows.allSatisfy { $0.count <= 80 } && rows.last?.contains("expired 1d ago") == true, "\(terminal)")
        #expect(try await program.run(["check"]).output.contains("expired 1d ago (20"))
    }
}
