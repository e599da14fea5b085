import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// A run that only looks leaves no trace.
@Suite struct NothingToDoTests {
    /// Every file below a directory, with what changes when it is touched.
    private func identities(below directory: FilePath) throws -> [String: [String]] {
        var found: [String: [String]] = [:]
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: directory.string)) ?? []
        for name in names + ["."] where FileManager.default.fileExists(atPath: "\(directory)/\(name)") {
            let stat = try FilePath("\(directory)/\(name)").stat()
            found[name] = ["\(stat.inode)", "\(stat.st_mtim)", "\(stat.st_ctim)"]
        }
        return found
    }

    @Test func `a second run touches no file and opens no transaction`() async throws {
        let rig = try await Rig()
        try await rig.renew()
        try await rig.deploy()
        let before = try [rig.state, rig.bundles].map(identities)
        let sent = Sent()

        let report = try await rig.deploy(.acting(before: { sent.note($0) }))

        #expect(report.outcome == .nothingToDo)
        #expect(sent.changing == [])
        #expect(try [rig.state, rig.bundles].map(identities) == before)
    }

    @Test func `named twice, a lineage is looked at again before it is deployed again`() async throws {
        let rig = try await Rig()
        try await rig.renew()
        let sent = Sent()
        let inventory = try await rig.inventory(
            .acting(before: { command in
                sent.note(command)
                // Time enough for whoever looks too early.
                if command.hasPrefix("commit") { try? await Task.sleep(for: .milliseconds(200)) }
            }))
        let lineages = try inventory.lineages(named: [rig.name])
        var results: [DeploymentRun.Result] = []

        _ = try await DeploymentRun(inventory: inventory).run(lineages + lineages) { results.append($0) }

        #expect(try results.map { try $0.outcome.get().outcome } == [.deployed, .nothingToDo])
        #expect(sent.changing == ["set ssl cert \(rig.bundle)", "commit ssl cert \(rig.bundle)"])
    }

    @Test func `a dry run tells what it would do, and does nothing`() async throws {
        let rig = try await Rig()
        try await rig.renew()
        try "left".write(toFile: "\(rig.bundles)/.\(rig.name).pem.certd-new-1", atomically: false, encoding: .utf8)
        let before = try identities(below: rig.bundles)
        let sent = Sent()

        let report = try await rig.deploy(.acting(before: { sent.note($0) }), isDryRun: true)

        #expect(report.outcome == .wouldDeploy)
        #expect(report.differences.count == 3)
        #expect(sent.changing == [])
        #expect(try identities(below: rig.bundles) == before)
        #expect(!FileManager.default.fileExists(atPath: rig.state.string))
    }

    @Test func `a dry run that is refused is not remembered as a failure`() async throws {
        let rig = try await Rig()
        try await rig.renew(2, ["--chain", "none"])

        await #expect(throws: DeploymentError.self) { try await rig.deploy(isDryRun: true) }

        #expect(!FileManager.default.fileExists(atPath: rig.state.string))
    }

    @Test func `a failure is remembered until a deployment succeeds`() async throws {
        let rig = try await Rig()
        let inventory = try await rig.inventory()
        let lineage = try #require(inventory.lineages.first)
        try await rig.renew(2, ["--chain", "none"])

        _ = await rig.refusal()
        #expect(inventory.state.failure(of: lineage)?.message.contains("chain-incomplete") == true)

        try await rig.renew(3)
        try await rig.deploy()
        #expect(inventory.state.failure(of: lineage) == nil)
    }

    @Test func `a lineage that has no bundle is no failed deployment`() async throws {
        let rig = try await Rig()
        let toml = rig.toml(sockets: [], extra: " ")
        let inventory = try await rig.inventory(toml: toml)
        let lineage = try #require(inventory.lineages.first)

        let error = await rig.refusal(toml: toml)

        #expect(error?.findingID == .bundleMissing)
        #expect(inventory.state.failure(of: lineage) == nil)
    }
}
