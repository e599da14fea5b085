import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import certd

@Suite struct InspectTests {
    @Test func `a lineage is shown as a tree and a bar, each finding in its place`() async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", ["--case", "root-in-chain"])])
        let run = try await program.run(["inspect", "a.example.org"])
        #expect(run.status == 0)
        let lines = run.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let chain = try #require(lines.firstIndex(of: "chain"))
        #expect(lines[chain + 2].hasPrefix("  `- E1 (intermediate, EC P-384, ends "))
        #expect(lines[chain + 3].hasPrefix("     `- Test Root X1 (trust anchor, sent too, "))
        #expect(lines[chain + 4].hasPrefix("  warning: root-in-chain: "))
        let validity = try #require(lines.firstIndex(of: "validity"))
        #expect(lines[validity + 1].contains(" [#") && lines[validity + 2].contains("% used, "))
        #expect(run.output.utf8.allSatisfy { $0 < 0x80 })
    }

    @Test func `what is missing above is told, and a chain that cannot be read fails`() async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", ["--case", "chain-missing"])])
        let run = try await program.run(["inspect", "a.example.org"])
        #expect(run.status == 0 && run.output.contains("  `- ? CN=E1,O=certd tests, which is not here\n"))
        let other = try await program.run(["inspect", "/etc/hostname"])
        #expect(other.status == 1 && other.output.contains("not-pem"))
        #expect(try await program.run(["inspect", "c.example.org"]).status == 2)
    }

    @Test func `the certificates can be had, and never a key`() async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", [])])
        _ = try await program.run(["build"])
        let bundle = program.scratch.file("certs/a.example.org.pem").string
        let run = try await program.run(["inspect", "--pem", bundle])
        let live = program.letsencrypt.appending("live/a.example.org/fullchain.pem")
        #expect(run.output == (try text(of: live)))
        let shown = try await program.run(["inspect", bundle])
        #expect(shown.output.hasPrefix("\(bundle): certificates and a private key\n"))
        #expect(!shown.output.contains("PRIVATE"))
        let piped = try await program.shell("\"$0\" inspect - < \(bundle)")
        #expect(piped.output == shown.output.replacing("\(bundle):", with: "standard input:"), "\(piped)")
    }
}
