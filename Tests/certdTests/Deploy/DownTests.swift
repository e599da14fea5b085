import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// HAProxy is not running: the disk moves, unless the next start would fail because of it.
@Suite struct DownTests {
    /// OpenSSL's own level refuses the key when HAProxy loads it.
    private let refusedByHAProxy = ["--key", "rsa1024"]

    private func stopped(_ loading: Rig.Loading = .file) async throws -> Rig {
        let rig = try await Rig(loading)
        try await rig.kill()
        return rig
    }

    private func leaf(on rig: Rig) throws -> String? {
        try InstalledBundle.read(at: rig.bundle).leaf.map { hexadecimal($0.sha1) }
    }

    @Test func `the next start loads the new bundle`() async throws {
        let rig = try await stopped()
        try await rig.renew()

        let report = try await rig.deploy()

        let finding = try #require(report.findings.first { $0.id == .haproxyUnreachable })
        #expect(finding.message.contains("its next start will load the new bundle"))
        #expect(finding.remedy == "systemctl start haproxy")
        try await rig.start()
        try await rig.expectInStep(2)
    }

    @Test func `the old bundle comes back where the next start would fail because of the new one`() async throws {
        let rig = try await stopped()
        try await rig.renew(2, refusedByHAProxy)

        let error = await rig.refusal()

        #expect(error?.description.contains("would not start with the new bundle") == true)
        #expect(error?.remedy.contains("haproxy -c -f \(rig.scratch.file("haproxy.cfg"))") == true)
        #expect(try leaf(on: rig) == rig.sha1(of: 1))
        try await rig.start()
        try await rig.expectInStep(1)
    }

    @Test func `a bundle that nothing stood before goes again where the next start would fail because of it`()
        async throws
    {
        let rig = try await stopped(.directory)
        try await rig.renew(2, refusedByHAProxy)

        let error = await rig.refusal()

        #expect(error?.description.contains("would not start with the new bundle") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: rig.bundles.string) == ["aaa.pem"])
    }

    @Test func `a start that would have failed before is not the new bundle's fault`() async throws {
        let rig = try await stopped()
        try await rig.renew()
        let file = rig.scratch.file("haproxy.cfg").string
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try (text + "    no-such-keyword\n").write(toFile: file, atomically: true, encoding: .utf8)

        let report = try await rig.deploy()

        let finding = try #require(report.findings.first { $0.id == .haproxyUnreachable })
        #expect(finding.message.contains("not because of this bundle"))
        #expect(finding.message.contains("no-such-keyword"))
        #expect(finding.remedy.contains("haproxy -c -f \(file)"))
        #expect(try leaf(on: rig) == rig.sha1(of: 2))
    }

    // A fake, since HAProxy is installed where the tests run.
    @Test func `where haproxy cannot be asked, the disk moves and that is said`() async throws {
        let rig = try await stopped()
        try await rig.renew()
        var world = World.live
        world.judge = { _ in .unknown("no program named haproxy") }

        let report = try await rig.deploy(world)

        let finding = try #require(report.findings.first { $0.id == .haproxyUnreachable })
        #expect(finding.message.contains("could not be asked: no program named haproxy"))
        #expect(try leaf(on: rig) == rig.sha1(of: 2))
    }

    @Test func `while it runs, what HAProxy refuses does not reach the disk`() async throws {
        let rig = try await Rig()
        try await rig.renew(2, refusedByHAProxy)

        let error = await rig.refusal(isForced: true)

        #expect(error?.description.contains("nothing was changed") == true)
        try await rig.expectInStep(1)
    }
}
