import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// A bundle whose key has a file of its own, which HAProxy looks for as `PATH.key`.
@Suite struct KeyPathTests {
    private func toml(_ rig: Rig) -> String {
        rig.toml(
            extra: "[[bundle]]\nlineage = \"\(rig.name)\"\npath = \"\(rig.bundle)\"\nkey-path = \"\(rig.bundle).key\"")
    }

    private func file(_ rig: Rig) async throws -> BundleFile {
        let inventory = try await rig.inventory(toml: toml(rig))
        let target = try #require(try inventory.target(of: first(inventory)))
        return BundleFile(path: target.place.path, place: target.place, trusting: [])
    }

    /// A rig whose files are two already.
    private func rig() async throws -> Rig {
        let rig = try await Rig()
        let report = try await rig.deploy(toml: toml(rig))
        #expect(report.outcome == .deployed)
        return rig
    }

    private func first(_ inventory: Inventory) throws -> Lineage { try #require(inventory.lineages.first) }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    /// The files hold the generation's certificates and its key, and nothing else; HAProxy starts with them.
    private func expectSplit(_ rig: Rig, _ generation: Int) async throws {
        let archive = "\(rig.letsencrypt)/archive/\(rig.name)"
        #expect(try text(rig.bundle.string) == text("\(archive)/fullchain\(generation).pem"))
        #expect(try text("\(rig.bundle).key") == text("\(archive)/privkey\(generation).pem"))
        for path in ["\(rig.bundle)", "\(rig.bundle).key"] {
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
        }
        try await rig.expectInStep(generation)
        #expect(try await rig.deploy(toml: toml(rig)).outcome == .nothingToDo)
        try await rig.kill()
        try await rig.start()
        try await rig.expectInStep(generation)
    }

    @Test func `certificates and key are deployed to two files, and to HAProxy in one transaction`() async throws {
        let rig = try await rig()
        try await expectSplit(rig, 1)
        try await rig.renew()
        let sent = Sent()

        try await rig.deploy(.acting(before: { sent.note($0) }), toml: toml(rig))

        #expect(sent.changing == ["set ssl cert \(rig.bundle)", "commit ssl cert \(rig.bundle)"])
        try await expectSplit(rig, 2)
    }

    @Test(arguments: 1...2)
    func `killed between the files, HAProxy starts all the same, and the next run finishes`(steps: Int) async throws {
        let rig = try await rig()
        try await rig.renew()
        let inventory = try await rig.inventory(toml: toml(rig))
        let generation = try await inventory.generation(of: first(inventory), within: .seconds(5))
        let candidate = try Candidate(generation, by: inventory.judge(hosts: []))
        let file = try await file(rig)
        var staged = try file.stage(file.bytes(of: candidate.bundle))
        if let whole = staged.whole.take() { try whole.install() }
        if steps == 2, let key = staged.key.take() { try key.install() }

        #expect(await StartVerdict.ofHAProxy(configuration: rig.scratch.file("haproxy.cfg")) == .good)
        #expect(try await rig.deploy(toml: toml(rig)).outcome == .deployed)

        try await expectSplit(rig, 2)
    }

    @Test func `a failed proof brings both files back`() async throws {
        let rig = try await rig()
        let before = try (text(rig.bundle.string), text("\(rig.bundle).key"))
        try await rig.renew()
        let isNew = { @Sendable () -> Bool in (try? self.text("\(rig.bundle).key")) != before.1 }
        // HAProxy is started anew after the files have moved, so that it has to show them again: at once, and once more.
        let (restart, failures) = (Times(), Times(2))
        var world = World.acting(before: { command in
            guard command == "show info", isNew(), restart.next() else { return }
            try? await rig.kill()
            try? await rig.start()
        })
        world.probe = HandshakeProbe { target throws(ProbeError) in
            guard isNew(), failures.next() else { return try await HandshakeProbe.live.handshake(target) }
            throw .closed(target.address)
        }

        let error = await rig.refusal(world, toml: toml(rig))

        #expect(error?.description.contains("served again") == true)
        #expect(try (text(rig.bundle.string), text("\(rig.bundle).key")) == before)
        try await rig.expectInStep(1)
    }

    @Test func `where the key's file cannot be written, nothing moves`() async throws {
        let rig = try await rig()
        try await rig.renew()
        let key = rig.scratch.file("nowhere/site.key")
        let entry = "[[bundle]]\nlineage = \"\(rig.name)\"\npath = \"\(rig.bundle)\"\nkey-path = \"\(key)\""

        let error = await rig.refusal(toml: rig.toml(extra: entry))

        #expect(error?.description.contains("nowhere") == true)
        try await rig.expectInStep(1)
    }

    @Test func `another key in its file is torn, and mended`() async throws {
        let rig = try await rig()
        try await rig.renew()
        try FileManager.default.removeItem(atPath: "\(rig.bundle).key")
        try FileManager.default.copyItem(
            atPath: "\(rig.letsencrypt)/archive/\(rig.name)/privkey2.pem", toPath: "\(rig.bundle).key")
        let inventory = try await rig.inventory(toml: toml(rig))
        let observer = inventory.observer(
            of: try #require(try inventory.target(of: first(inventory))))
        #expect(try observer.bundle().content.get().hasKey == false)

        try await rig.deploy(toml: toml(rig))

        try await expectSplit(rig, 2)
    }

    @Test func `while HAProxy is down, both files move, and both come back where its start would fail`() async throws {
        let rig = try await rig()
        let before = try (text(rig.bundle.string), text("\(rig.bundle).key"))
        try await rig.renew()
        try await rig.kill()
        let judged = Times()
        var world = World.live
        world.judge = { _ in judged.next() ? .good : .bad("it would not") }

        let error = await rig.refusal(world, toml: toml(rig))

        #expect(error?.description.contains("it would not") == true)
        #expect(try (text(rig.bundle.string), text("\(rig.bundle).key")) == before)
        try await rig.deploy(toml: toml(rig))
        try await rig.start()
        try await expectSplit(rig, 2)
    }

    @Test func `without HAProxy's knowledge both files are written too`() async throws {
        let rig = try await Rig()
        try await rig.renew()
        let inventory = try await rig.inventory(toml: toml(rig))
        let build = BundleBuild(inventory: inventory, output: nil, isForced: false, isDryRun: false)
        let lineage = try #require(inventory.lineages.first)

        #expect(try await build.build(lineage).contains("wrote"))
        #expect(try await build.build(lineage).contains("up to date"))

        try await rig.kill()
        try await rig.start()
        try await expectSplit(rig, 2)
    }
}
