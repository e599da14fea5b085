import CertKit
import Testing

@testable import certd

/// A tree of lineages, each broken in its own way or healthy in an unusual one, and what is found on each.
@Suite struct LineageTableTests {
    @Test func `each of more than eighty lineages gets its own verdict and findings, and nothing else`() async throws {
        let document = try await LineageTree().document()
        let found = Dictionary(
            uniqueKeysWithValues: document.lineages.map { lineage in
                (lineage.name, ([lineage.state] + lineage.findings.map(\.id)).joined(separator: " "))
            })
        for (name, verdict) in LineageTable.verdicts { #expect(found[name] == verdict, "\(name)") }
        #expect(Set(found.keys) == Set(LineageTable.verdicts.keys))
        #expect(found.count >= 80)
        #expect(document.findings.isEmpty)
        for finding in document.lineages.flatMap(\.findings) {
            #expect(!finding.remedy.isEmpty && !finding.message.contains("\n"))
        }
    }
}
