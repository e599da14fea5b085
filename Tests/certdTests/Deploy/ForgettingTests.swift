import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// A lineage that was deleted, while a real HAProxy serves its bundle.
@Suite struct ForgettingTests {
    /// The lineage is deployed, and then deleted as certbot does it.
    private func rig(_ loading: Rig.Loading) async throws -> Rig {
        let rig = try await Rig(loading)
        try await rig.renew()
        try await rig.deploy()
        // Another lineage keeps `live` from being empty.
        try await MadeCertificates.lineage("other.example.org", below: rig.letsencrypt, [], now: nil)
        for kind in ["live", "archive"] {
            try FileManager.default.removeItem(atPath: "\(rig.letsencrypt)/\(kind)/\(rig.name)")
        }
        return rig
    }

    private func forget(_ rig: Rig, _ world: World = .live, toml: String? = nil) async throws -> [String] {
        let inventory = try await rig.inventory(world, toml: toml)
        let lineage = try Lineage(rig.name, below: rig.letsencrypt)
        return try await Forgetting(inventory: inventory, lineage: lineage).run()
    }

    private func findings(_ rig: Rig, toml: String? = nil) async throws -> [FindingStatus] {
        let document = try await Checker(inventory: try await rig.inventory(toml: toml)).document(named: [])
        return document.lineages.filter { $0.name == rig.name }.flatMap(\.findings)
    }

    @Test func `of a directory it goes from the disk and from HAProxy's memory, without a reload`() async throws {
        let rig = try await rig(.directory)
        let found = try await findings(rig)
        #expect(found.map(\.id) == ["lineage-removed"])
        #expect(found.first?.message.contains("HAProxy still has its bundle loaded, valid until") == true)
        #expect(found.first?.remedy == "if nobody needs it: certd forget \(rig.name)")
        let process = try await rig.api.processInfo().pid

        #expect(try await forget(rig) == ["\(rig.name): removed \(rig.bundle)", "\(rig.name): forgotten"])
        let seen = try await rig.stations()
        #expect(seen.disk == nil && seen.memory == nil)
        #expect(try await rig.api.processInfo().pid == process)
        try await rig.expectTidy()
        #expect(try await findings(rig).isEmpty)
        #expect(try await forget(rig) == ["\(rig.name): forgotten"])
    }

    @Test func `one that haproxy.cfg names stays, and is served`() async throws {
        let rig = try await rig(.file)
        let before = try await rig.stations()
        let error = await #expect(throws: ForgetError.self) { try await forget(rig) }
        #expect(error?.description.contains("would not start without \(rig.bundle)") == true)
        #expect(error?.remedy.contains("certd forget \(rig.name)") == true)
        #expect(try await rig.stations() == before)
        try await rig.expectTidy()
        #expect(try await findings(rig).map(\.id) == ["lineage-removed"])
    }

    @Test func `where nobody can tell whether HAProxy needs it, it stays`() async throws {
        let rig = try await rig(.directory)
        let before = try await rig.stations()
        for verdict in [StartVerdict.unknown("no haproxy here"), .bad("another bundle is broken")] {
            var world = World.live
            world.judge = { _ in verdict }
            let error = await #expect(throws: ForgetError.self) { try await forget(rig, world) }
            #expect(error?.description.contains("stays, because haproxy -c cannot tell") == true)
        }
        #expect(try await rig.stations() == before)
        try await rig.expectTidy()
    }

    @Test func `what HAProxy does not let go is said, and asked for until it is reloaded`() async throws {
        let rig = try await rig(.directory)
        let socket = rig.socket.string
        let world = World.acting(before: { command throws(RuntimeError) in
            if command.hasPrefix("del ssl crt-list") { throw .closed(socket: socket, command: command) }
        })
        for _ in 1...2 {
            let error = await #expect(throws: ForgetError.self) { try await forget(rig, world) }
            #expect(error?.description.contains("serves it until it is reloaded") == true)
            #expect(try await findings(rig).map(\.id) == ["lineage-removed"])
        }
        #expect(try await rig.stations().disk == nil)
        #expect(try await forget(rig) == ["\(rig.name): forgotten"])
        #expect(try await rig.stations().memory == nil)
    }

    @Test func `one that was killed half-way is gone on with`() async throws {
        let rig = try await rig(.directory)
        let kept = rig.bundles.appending(".\(rig.name).pem.certd-old").string
        try FileManager.default.moveItem(atPath: rig.bundle.string, toPath: kept)
        #expect(try await findings(rig).map(\.id) == ["lineage-removed"])
        #expect(try await forget(rig) == ["\(rig.name): removed \(rig.bundle)", "\(rig.name): forgotten"])
        try await rig.expectTidy()
    }

    @Test func `a bundle that another lineage has taken over is not its own any more`() async throws {
        let rig = try await rig(.file)
        let toml = rig.toml(extra: "[[bundle]]\nlineage = \"other.example.org\"\npath = \"\(rig.bundle)\"")
        #expect(try await findings(rig, toml: toml).isEmpty)
        #expect(try await forget(rig, toml: toml) == ["\(rig.name): forgotten"])
        #expect(try await rig.stations() == .all(rig.stations().memory))
    }
}
