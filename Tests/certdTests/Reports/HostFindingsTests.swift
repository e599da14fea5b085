import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// What concerns the host and its HAProxy, on a real one.
@Suite struct HostFindingsTests {
    @Test func `a clock before the day of the build is suspected`() {
        let built = MadeLeaf.now
        #expect(Checker.clockFindings(on: built, builtAt: built) == [])
        #expect(Checker.clockFindings(on: built + 1, builtAt: nil) == [])
        let found = Checker.clockFindings(on: built - 1, builtAt: built)
        #expect(found.map(\.id) == [.clockSuspect])
        #expect(found.map(\.severity) == [.warning])
    }

    @Test func `a transaction of somebody else's is told, and our own is not`() async throws {
        let rig = try await Rig()
        func found() async throws -> [FindingID] {
            let inventory = try await rig.inventory()
            return await Checker(inventory: inventory).document(of: inventory.lineages).findings
                .compactMap { FindingID(rawValue: $0.id) }
        }
        #expect(try await found() == [])
        _ = try await rig.api.send("set ssl cert \(rig.bundle)", try readFile(at: rig.bundle).bytes)
        #expect(try await found() == [.transactionOpen])
        try FileManager.default.createDirectory(atPath: rig.state.string, withIntermediateDirectories: true)
        let intent = StateDirectory.Intent(
            socket: rig.socket.string, name: rig.bundle.string, sha256: "", bootID: StateDirectory.currentBootID,
            haproxyProcessID: nil, processID: 1)
        try StateDirectory(path: rig.state).note([intent])
        #expect(try await found() == [])
    }

    @Test func `what clients would lose is told before it is deployed`() async throws {
        let rig = try await Rig(serving: ["--case", "client-auth", "--names", "pbx.example.org,sip.example.org"])
        func found() async throws -> Set<String> {
            let inventory = try await rig.inventory()
            let document = await Checker(inventory: inventory).document(of: inventory.lineages)
            return Set(try #require(document.lineages.first).findings.map(\.id))
        }
        #expect(try await found().isDisjoint(with: ["client-auth-lost", "names-lost", "downgrade-refused"]))
        try await rig.renew(2, ["--names", "other.example.org"])
        #expect(try await found().isSuperset(of: ["client-auth-lost", "names-lost", "bundle-stale"]))
        // And the other way round: the lineage goes back to what is older than what is served.
        try rig.write(generation: 2)
        try await rig.kill()
        try await rig.start()
        for kind in ["cert", "privkey", "chain", "fullchain"] {
            let link = "\(rig.letsencrypt)/live/\(rig.name)/\(kind).pem"
            try FileManager.default.removeItem(atPath: link)
            try FileManager.default.createSymbolicLink(
                atPath: link, withDestinationPath: "../../archive/\(rig.name)/\(kind)1.pem")
        }
        #expect(try await found().contains("downgrade-refused"))
    }

    @Test(arguments: [(0o600, nil), (0o640, "warning"), (0o644, "warning")] as [(Int, String?)])
    func `who else can read the key in a bundle is told`(mode: Int, severity: String?) async throws {
        let rig = try await Rig()
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: rig.bundle.string)
        try await requireTool("chgrp", ["daemon", rig.bundle.string])
        func found(_ toml: String? = nil) async throws -> [String] {
            let inventory = try await rig.inventory(toml: toml)
            let document = await Checker(inventory: inventory).document(of: inventory.lineages)
            return document.lineages.flatMap(\.findings).filter { $0.id == "key-permissions" }.map(\.severity)
        }
        #expect(try await found() == [severity].compactMap { $0 })
        let entry = "[[bundle]]\nlineage = \"\(rig.name)\"\npath = \"\(rig.bundle)\"\ngroup = \"daemon\""
        #expect(try await found(rig.toml(extra: entry)) == (mode == 0o644 ? ["warning"] : []))
    }
}
