import CertKit
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// A tree of lineages, each broken in its own way or healthy in an unusual one, and what is found on each.
@Suite struct LineageTableTests {
    @Test func `each of more than eighty lineages gets its own verdict and findings, and nothing else`() async throws {
        let scratch = try ScratchDirectory()
        let letsencrypt = scratch.file("letsencrypt")
        try await MadeCertificates.tree(below: letsencrypt, also: BrokenLineages.all.map(\.name))
        for (name, act) in BrokenLineages.all { try await act(LineageFiles(letsencrypt: letsencrypt, name: name)) }
        let toml = """
            [letsencrypt]
            directory = "\(letsencrypt)"
            [haproxy]
            sockets = []
            [check]
            trust = "\(letsencrypt)/pki/root.pem"
            [paths]
            state = "\(scratch.file("state"))"
            """
        // An hour later nothing looks like the middle of an update any more.
        var world = World.live
        world.now = { Date.now + 3600 }
        let inventory = try await Inventory(settings: try load(toml), world: world)
        let document = await Checker(inventory: inventory).document(of: inventory.lineages)

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
