import CertKit
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import certd

@Suite struct ExplainTests {
    @Test(arguments: FindingID.allCases) func `each finding is explained in a terminal of 80 columns`(
        id: FindingID
    ) throws {
        let text = FindingCatalogue.text([try #require(id.entry)])
        #expect(text.hasPrefix("\(id.rawValue): "))
        for label in ["\n  means   ", "\n  risk    ", "\n  fix     ", "\n  deploy  "] { #expect(text.contains(label)) }
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test func `the command prints one, several or the list of all`() async throws {
        let program = try await BuiltProgram()
        let one = try await program.run(["explain", "chain-incomplete"])
        #expect(one.status == 0 && one.errors.isEmpty)
        #expect(one.output.hasPrefix("chain-incomplete: critical, group chain\n"))
        #expect(one.output.contains("Stops a deployment where"))
        let two = try await program.run(["explain", "expired", "expiring"])
        #expect(two.output.contains("\n\nexpiring: warning or critical, group time\n"))
        let all = try await program.run(["explain"])
        #expect(all.output.split(separator: "\n").count == FindingID.allCases.count + 1)
        let wrong = try await program.run(["explain", "chain-incomplet"])
        #expect(wrong.status == 2 && wrong.output.isEmpty)
        #expect(wrong.errors.contains("did you mean certd explain chain-incomplete?"))
    }

    @Test func `the page of the documentation is what the catalogue makes`() throws {
        let page = try String(contentsOfFile: packageDirectory.appending("docs/findings.md").string, encoding: .utf8)
        #expect(page == FindingCatalogue.markdown, "run scripts/make-findings-page")
        for id in FindingID.allCases { #expect(page.contains("### `\(id.rawValue)`\n")) }
    }
}
