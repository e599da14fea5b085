import CertKit
import FoundationEssentials
import TestSupport
import Testing

@testable import certd

/// What is remembered and what is done at the same time changes nothing of what is found, on the whole broken tree.
@Suite struct SlowPathTests {
    @Test func `many cores and remembered verdicts find what one core finds that verifies everything`() async throws {
        let tree = try await LineageTree()
        let inventory = try await tree.inventory()
        var slow = Checker(inventory: inventory)
        slow.cores = 1
        let expected = try texts(of: await slow.document(of: inventory.lineages))
        #expect(inventory.lineages.count > 100)

        var fast = Checker(inventory: inventory)
        fast.cores = 4
        let first = SignatureMemory()
        fast.signatures = first
        #expect(try texts(of: await fast.document(of: inventory.lineages)) == expected)

        // From here on all is remembered, as by the next command.
        let record = try #require(first.recorded(forgettingUnused: true))
        let recalled = SignatureMemory(recorded: record.span)
        let second = try #require(recalled)
        fast.signatures = second
        #expect(try texts(of: await fast.document(of: inventory.lineages)) == expected)
        #expect(second.recorded(forgettingUnused: true) == nil, "nothing was verified anew, and all was asked for")

        // As check does for these forms.
        fast.tellsLeaves = false
        let brief = await fast.document(of: inventory.lineages)
        let full = await slow.document(of: inventory.lineages)
        #expect(table(brief) == table(full))
        #expect(nagios(brief) == nagios(full))
    }

    @Test(arguments: [FindingGroup.allCases, [.time, .chain], [.time, .chain, .key], [.files], [.chain, .files]])
    func `the first look finds nothing where the full one finds something`(groups: [FindingGroup]) async throws {
        let tree = try await LineageTree()
        let inventory = try await tree.inventory()
        var full = Checker(inventory: inventory)
        full.groups = Set(groups)
        full.signatures = SignatureMemory()
        let expected = await full.document(of: inventory.lineages)

        var brief = full
        (brief.tellsLeaves, brief.tellsDeployments) = (false, false)
        // The first time everything is verified, the second time all is remembered, then nothing is; at last what was in
        // order is not even read.
        var record: [UInt8] = []
        for signatures in [SignatureMemory(), full.signatures, nil, nil] {
            let kept = SecretBytes(copying: record.span)
            let calmMemory = CalmMemory { KeptRecord(kept, from: 0) }
            (brief.signatures, brief.calm) = (signatures, calmMemory)
            let first = await brief.document(of: inventory.lineages)
            #expect(table(first) == table(expected))
            #expect(nagios(first) == nagios(expected))
            let look = try #require(CalmLook(brief, noted: inventory.state.noted()))
            let memory = LineageMemory(signatures: signatures)
            let calm = inventory.lineages.filter { look.status(of: $0, recalling: memory) != nil }.map(\.name)
            #expect(calm.contains("healthy") && calm.contains("healthy-rsa") && calm.count > 5)
            let faultless = expected.lineages.filter(\.findings.isEmpty).map(\.name)
            #expect(Set(calm).subtracting(faultless) == [])
            #expect((calmMemory.answers > 5) == (!record.isEmpty && brief.groups.needSignatures))
            if signatures == nil { record = calmMemory.recorded(forgettingUnused: false) ?? record }
        }
    }

    private func table(_ document: StatusDocument) -> String {
        StatusTable(document: document, now: LineageTree.moment).text()
    }

    private func nagios(_ document: StatusDocument) -> String {
        NagiosReport(
            document: document, now: LineageTree.moment, thresholds: .standard, verbosity: 2, perfdataLimit: nil
        ).text()
    }

    /// Everything that is shown of a document.
    private func texts(of document: StatusDocument) throws -> [String] {
        let now = LineageTree.moment
        return [
            try document.json(), StatusTable(document: document, now: now, isWide: true).text(),
            PrometheusReport(document: document, now: now).text(),
        ]
    }
}
