import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// When HAProxy is reloaded for a bundle, and when it is not.
@Suite struct ReloadPolicyTests {
    @Test func `always: every new bundle comes by a reload, and the same one does not`() async throws {
        let rig = try await Rig(isMastered: true)
        try await rig.renew()

        let report = try await rig.deploy(toml: rig.policy())

        #expect(report.outcome == .deployed)
        #expect(report.reload?.description.contains("always") == true)
        try await rig.expectInStep(2)
        #expect(try await rig.reloads() == 1)
        #expect(try await rig.deploy(toml: rig.policy()).outcome == .nothingToDo)
        #expect(try await rig.reloads() == 1)
    }

    @Test func `if needed: what HAProxy takes while it runs needs none`() async throws {
        let rig = try await Rig(isMastered: true)
        try await rig.renew()

        let report = try await rig.deploy(toml: rig.policy("if-needed"))

        #expect(report.reload == nil)
        try await rig.expectInStep(2)
        #expect(try await rig.reloads() == 0)
    }

    /// A second bundle, which haproxy.cfg names and HAProxy has not loaded.
    private func withUnknownName(_ rig: Rig) throws -> (path: FilePath, entry: String) {
        let path = rig.bundles.appending("second.pem")
        try rig.edit { $0 + "    bind \(RunningHAProxy.unusedAddress()) ssl crt \(path)\n" }
        return (path, "[[bundle]]\nlineage = \"\(rig.name)\"\npath = \"\(path)\"")
    }

    @Test func `if needed: a name that HAProxy has not loaded, though its configuration has it, is loaded by a reload`()
        async throws
    {
        let rig = try await Rig(isMastered: true)
        let (path, entry) = try withUnknownName(rig)
        let toml = rig.toml(extra: entry, haproxy: "master-socket = \"\(rig.master)\"")

        let dry = try await rig.deploy(toml: toml, isDryRun: true)
        #expect(DeploymentLines.lines(dry).contains { $0.contains("by a reload of HAProxy: HAProxy has not loaded") })
        // The start fails now, since the file is missing: that is what the deployment mends.
        let report = try await rig.deploy(toml: toml)

        #expect(report.outcome == .deployed)
        #expect(try await rig.api.certificate(named: path.string)?.leaf?.sha1 == rig.sha1(of: 1))
        #expect(try await rig.reloads() == 1)
        try await rig.expectTidy()
    }

    @Test func `never: nothing is touched, and the remedy names the policy`() async throws {
        let rig = try await Rig(isMastered: true)
        let (path, entry) = try withUnknownName(rig)

        let error = await rig.refusal(
            toml: rig.toml(extra: entry, haproxy: "reload = \"never\"\nmaster-socket = \"\(rig.master)\""))

        #expect(error?.description.contains("has not loaded this name") == true)
        #expect(error?.remedy.contains("reload = \"if-needed\"") == true)
        #expect(error?.findingID == .memoryMissing)
        #expect(!FileManager.default.fileExists(atPath: path.string))
        #expect(try await rig.reloads() == 0)
    }

    @Test func `a name that haproxy.cfg does not have is not reloaded for`() async throws {
        let rig = try await Rig(isMastered: true)
        let path = rig.scratch.file("elsewhere.pem")

        let error = await rig.refusal(
            toml: rig.toml(
                extra: "[[bundle]]\nlineage = \"\(rig.name)\"\npath = \"\(path)\"",
                haproxy: "master-socket = \"\(rig.master)\""))

        #expect(error?.description.contains("has not loaded this name") == true)
        #expect(!FileManager.default.fileExists(atPath: path.string))
        #expect(try await rig.reloads() == 0)
    }

    /// A certificate of more than 15 KiB: 480 names, of which HAProxy can still tell.
    private let large = [
        "--names", (["pbx.example.org"] + (1...480).map { "n\($0).pbx.example.org" }).joined(separator: ","),
    ]

    @Test func `if needed: a bundle that is too large for HAProxy's socket comes by a reload`() async throws {
        let rig = try await Rig(isMastered: true)
        try await rig.renew(2, large)

        let report = try await rig.deploy(toml: rig.policy("if-needed"))

        #expect(report.reload?.description.contains("15360") == true)
        try await rig.expectInStep(2)
        #expect(try await rig.reloads() == 1)
    }

    @Test func `never: a bundle that is too large stays an error`() async throws {
        let rig = try await Rig(isMastered: true)
        try await rig.renew(2, large)

        let error = await rig.refusal(toml: rig.policy("never"))

        #expect(error?.remedy.contains("reload = \"if-needed\"") == true)
        #expect(error?.findingID == .deployFailed)
        try await rig.expectInStep(1)
    }

    @Test func `HAProxy that is not running is not reloaded`() async throws {
        let rig = try await Rig(isMastered: true)
        try await rig.kill()
        try await rig.renew()

        let report = try await rig.deploy(toml: rig.policy())

        #expect(report.reload == nil)
        #expect(report.findings.map(\.id).contains(.haproxyUnreachable))
    }
}
