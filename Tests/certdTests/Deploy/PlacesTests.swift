import CertKit
import FoundationEssentials
import Glibc
import HAProxyKit
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// Where bundles stand, and where certd keeps its own files.
@Suite struct PlacesTests {
    /// An entry for the rig's lineage, with more lines.
    private func entry(_ rig: Rig, _ lines: String = "") -> String {
        "[[bundle]]\nlineage = \"\(rig.name)\"\npath = \"\(rig.bundle)\"\n\(lines)"
    }

    @Test func `without a configuration a lineage is matched to what HAProxy has loaded`() async throws {
        let rig = try await Rig()
        #expect(try await rig.deploy(toml: rig.toml(extra: " ")).outcome == .nothingToDo)
        try await rig.renew()

        try await rig.deploy(toml: rig.toml(extra: " "))

        try await rig.expectInStep(2)
    }

    @Test func `two bundles that could be the lineage's are both named`() async throws {
        let rig = try await Rig(.directory)
        let (one, two) = (rig.bundles.appending("one.pem"), rig.bundles.appending("two.pem"))
        for path in [one, two] { try rig.write(generation: 1, to: path) }
        try await rig.kill()
        try await rig.start()
        try await rig.renew()

        let error = await rig.refusal(toml: rig.toml(extra: " "))

        #expect(error?.description.contains(one.string) == true)
        #expect(error?.description.contains(two.string) == true)
    }

    @Test(.enabled(if: geteuid() == 0, "only root gives files away"))
    func `a bundle gets the owner and group that its entry names`() async throws {
        let rig = try await Rig()
        try await rig.renew()

        try await rig.deploy(toml: rig.toml(extra: entry(rig, "owner = \"nobody\"\ngroup = \"nogroup\"")))

        let all = try FileManager.default.attributesOfItem(atPath: rig.bundle.string)
        #expect(all[.ownerAccountName] as? String == "nobody")
        #expect(all[.groupOwnerAccountName] as? String == "nogroup")
        #expect(all[.posixPermissions] as? Int == 0o600)
        try await rig.expectInStep(2)
    }

    @Test func `an owner that does not exist is named before anything moves`() async throws {
        let rig = try await Rig()
        try await rig.renew()

        let error = await rig.refusal(toml: rig.toml(extra: entry(rig, "owner = \"nobody-there\"")))

        #expect(error?.description == "no user named nobody-there")
        try await rig.expectInStep(1)
    }

    @Test func `a directory that everybody may write is refused before anything moves`() async throws {
        let rig = try await Rig()
        try await rig.renew()
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: rig.bundles.string)

        let error = await rig.refusal()

        #expect(error?.description.contains("everybody may write it") == true)
        try await rig.expectInStep(1)
    }

    @Test func `a link at the bundle's path is replaced, and that is told`() async throws {
        let rig = try await Rig()
        let target = rig.scratch.file("elsewhere.pem").string
        try FileManager.default.moveItem(atPath: rig.bundle.string, toPath: target)
        try FileManager.default.createSymbolicLink(atPath: rig.bundle.string, withDestinationPath: target)
        let before = try String(contentsOfFile: target, encoding: .utf8)
        try await rig.renew()

        let report = try await rig.deploy()

        #expect(report.findings.filter { $0.id == .bundleWasSymlink }.count == 1)
        #expect(try String(contentsOfFile: target, encoding: .utf8) == before)
        try await rig.expectInStep(2)
    }

    @Test func `a directory at the bundle's path is refused before anything moves`() async throws {
        let rig = try await Rig()
        try await rig.renew()
        try FileManager.default.removeItem(atPath: rig.bundle.string)
        try FileManager.default.createDirectory(atPath: rig.bundle.string, withIntermediateDirectories: false)
        let sent = Sent()

        let error = await rig.refusal(.acting(before: { sent.note($0) }))

        #expect(error?.findingID == .notAFile)
        #expect(sent.changing == [])
    }

    @Test func `a state directory that cannot be made is named`() async throws {
        let rig = try await Rig()
        try await rig.renew()
        let state = rig.scratch.file("none/state")
        let toml = rig.toml().split(separator: rig.state.string).joined(separator: state.string)

        let error = await rig.refusal(toml: String(toml))

        #expect(error?.description == "\(state): the state directory cannot be made: No such file or directory")
        #expect(error?.remedy.contains("mkdir -p \(state)") == true)
        try await rig.expectInStep(1)
    }

    @Test func `a lock that another process holds names it`() async throws {
        let rig = try await Rig()
        let state = StateDirectory(path: rig.state)
        try await state.lock(within: .zero).release()
        let holder = try await HelperProcess.start(
            "/usr/bin/flock", [rig.state.appending("lock").string, "/bin/sh", "-c", "echo ready; cat"])

        let error = await #expect(throws: LockError.self) { try await state.lock(within: .zero).release() }

        #expect(error?.description.contains("(flock ") == true)
        #expect(error?.remedy.contains("ps -fp ") == true)
        try await holder.stop()
        try await state.lock(within: .zero).release()
    }
}
