import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// A bundle that HAProxy has not loaded yet.
@Suite struct NewNameTests {
    @Test func `it is added to the directory that HAProxy loads, and served at once`() async throws {
        let rig = try await Rig(.directory)

        let report = try await rig.deploy()

        #expect(report.findings.map(\.id).contains(.wireStale) == false)
        try await rig.expectInStep(1)
        #expect(try await rig.deploy().outcome == .nothingToDo)
    }

    @Test func `it is taken away again where the disk fails`() async throws {
        let rig = try await Rig(.directory)
        let before = try await rig.stations()
        let name = rig.bundle.string

        let error = await rig.refusal(
            .acting(after: { command in
                guard command.hasPrefix("commit") else { return }
                try? FileManager.default.createDirectory(atPath: name, withIntermediateDirectories: false)
            }))

        #expect(error?.description.contains("served again") == true)
        #expect(try await rig.api.certificate(named: name) == nil)
        #expect(try await rig.stations() == before)
        try await rig.expectTidy()
    }

    @Test func `one that a killed run has loaded but not listed is listed by the next`() async throws {
        let rig = try await Rig(.directory)
        let name = rig.bundle.string
        try rig.write(generation: 1)
        let contents = try readFile(at: rig.bundle)
        _ = try await rig.api.send("new ssl cert \(name)", nil)
        _ = try await rig.api.send("set ssl cert \(name)", contents.bytes)
        _ = try await rig.api.send("commit ssl cert \(name)", nil)
        try #require(try await rig.api.certificate(named: name)?.status == .unused)

        try await rig.deploy()

        #expect(try await rig.api.certificate(named: name)?.status == .used)
        try await rig.expectInStep(1)
    }

    @Test func `where nothing tells where to add it, nothing is touched`() async throws {
        let rig = try await Rig()
        let elsewhere = rig.scratch.file("elsewhere.pem")
        let entry = "[[bundle]]\nlineage = \"\(rig.name)\"\npath = \"\(elsewhere)\""
        let sent = Sent()

        let error = await rig.refusal(.acting(before: { sent.note($0) }), toml: rig.toml(extra: entry))

        #expect(error?.findingID == .memoryMissing)
        #expect(sent.changing == [])
        #expect(!FileManager.default.fileExists(atPath: elsewhere.string))
    }
}
