import CertKit
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// Going back to an older generation before a real HAProxy, and staying there.
@Suite struct PinnedTests {
    /// Serves generation 2, of which generation 1 is the one before.
    private func rig() async throws -> Rig {
        let rig = try await Rig()
        try await rig.renew()
        try await rig.deploy()
        return rig
    }

    private func pinning(_ rig: Rig) async throws -> Pinning {
        let inventory = try await rig.inventory()
        return Pinning(inventory: inventory, lineage: try #require(inventory.lineages.first))
    }

    private func check(_ rig: Rig) async throws -> LineageStatus {
        let inventory = try await rig.inventory()
        return try #require(await Checker(inventory: inventory).document(of: inventory.lineages).lineages.first)
    }

    @Test func `an older generation is served everywhere, and no renewal replaces it`() async throws {
        let rig = try await rig()
        #expect(try await pinning(rig).pin(at: nil, force: false).pin == nil)
        #expect(try await rig.deploy().findings.map(\.id) == [.pinned])
        try await rig.expectInStep(1)

        try await rig.renew(3)
        let report = try await rig.deploy()
        #expect(report.outcome == .nothingToDo)
        #expect(report.findings.map(\.id) == [.pinned])
        #expect(report.findings.first?.message.contains("generation 1 since") == true)
        #expect(report.findings.first?.message.contains("stands at 3, which is not deployed") == true)
        try await rig.expectInStep(1)
        let seen = try await check(rig)
        #expect(seen.findings.map(\.id) == ["pinned"] && seen.severity == .warning)
        #expect(seen.findings.first?.remedy.contains("certd rollback --unpin \(rig.name)") == true)
        #expect(Set(seen.stations.map(\.state)) == ["in-sync"])

        try await pinning(rig).unpin()
        #expect(try await rig.deploy().findings.isEmpty)
        try await rig.expectInStep(3)
        #expect(try await check(rig).findings.isEmpty)
    }

    @Test func `what somebody else puts in its place gives way to it again`() async throws {
        let rig = try await rig()
        _ = try await pinning(rig).pin(at: 1, force: false)
        try await rig.deploy()
        try rig.write(generation: 2)
        let found = Set(try await check(rig).findings.map(\.id))
        #expect(found.isSuperset(of: ["bundle-stale", "pinned"]))
        try await rig.deploy()
        try await rig.expectInStep(1)
    }

    @Test func `where the archive loses it, what is served stays, and that is said`() async throws {
        let rig = try await rig()
        _ = try await pinning(rig).pin(at: 1, force: false)
        try await rig.deploy()
        let before = try await rig.stations()
        try FileManager.default.removeItem(atPath: "\(rig.letsencrypt)/archive/\(rig.name)/privkey1.pem")
        let error = await rig.refusal()
        #expect(error?.description.contains("no complete generation 1") == true)
        #expect(try await rig.stations() == before)
        let seen = try await check(rig)
        #expect(Set(seen.findings.map(\.id)) == ["deploy-failed", "file-missing", "pinned"])
    }

    @Test func `where the newest is broken, the older one is gone back to all the same`() async throws {
        let rig = try await rig()
        try FileManager.default.removeItem(atPath: "\(rig.letsencrypt)/live/\(rig.name)/privkey.pem")
        _ = try await pinning(rig).pin(at: 1, force: false)
        try await rig.deploy()
        try await rig.expectInStep(1)
        #expect(Set(try await check(rig).findings.map(\.id)) == ["file-missing", "pinned"])
    }

    @Test func `a generation without a name that is served needs force, now and whenever it is brought back`()
        async throws
    {
        let rig = try await Rig(serving: ["--names", "other.example.org"])
        try await rig.renew()
        try await rig.deploy(isForced: true)
        _ = try await pinning(rig).pin(at: 1, force: false)
        let error = await rig.refusal()
        #expect(error?.findingID == .namesLost)
        #expect(error?.remedy.contains("certd rollback --force --to 1 \(rig.name)") == true)
        try await rig.expectInStep(2)

        _ = try await pinning(rig).pin(at: 1, force: true)
        try await rig.deploy()
        try await rig.expectInStep(1)
        try rig.write(generation: 2)
        try await rig.deploy()
        try await rig.expectInStep(1)
    }
}
