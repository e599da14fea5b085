import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// What `check` finds on a real HAProxy whose memory and wire are not what the lineage holds.
@Suite struct ServedFindingsTests {
    /// What a check finds at the stations, worst first.
    private func found(_ rig: Rig) async throws -> [FindingID] {
        let inventory = try await rig.inventory()
        let document = await Checker(inventory: inventory).document(of: inventory.lineages)
        return (document.lineages.flatMap(\.findings) + document.findings).compactMap { FindingID(rawValue: $0.id) }
            .filter { [.bundle, .memory, .wire].contains($0.group) }
    }

    @Test func `in step nothing is found, and after a renewal each station is behind the one before it`() async throws {
        let rig = try await Rig()
        #expect(try await found(rig) == [])
        try await rig.renew()
        #expect(try await found(rig) == [.bundleStale])
        try rig.write(generation: 2)
        #expect(try await found(rig) == [.memoryStale])
    }

    @Test func `a bundle that HAProxy does not know, or knows and does not use, serves nobody`() async throws {
        let rig = try await Rig(.directory)
        #expect(try await found(rig) == [.memoryMissing, .bundleMissing])
        try rig.write(generation: 1)
        #expect(try await found(rig) == [.memoryMissing])
        _ = try await rig.api.send("new ssl cert \(rig.bundle)", nil)
        let bytes = try readFile(at: rig.bundle).bytes
        try await rig.api.replaceCertificate(named: rig.bundle.string, with: bytes)
        #expect(try await found(rig) == [.memoryUnused])
    }

    @Test func `an address of the configuration that shows another certificate, or none, is told`() async throws {
        let rig = try await Rig()
        let live = rig.letsencrypt.appending("live/\(rig.name)")
        let server = ["-cert", "\(live)/cert.pem", "-key", "\(live)/privkey.pem", "-cert_chain", "\(live)/chain.pem"]
        // A program of somebody else's where HAProxy would listen after its next reload.
        let address = try await withTLSServer(server) { address in
            try await rig.renew()
            try await rig.deploy()
            let configuration = try rig.scratch.read("haproxy.cfg")
            try rig.scratch.write(
                configuration + "listen other\n    bind \(address) ssl crt \(rig.bundle)\n", to: "haproxy.cfg")
            #expect(try await found(rig) == [.wireStale])
            return address
        }
        #expect(try await found(rig) == [.wireUnreachable], "\(address)")
    }

    @Test func `a HAProxy that is gone hides what it has loaded, and is told once`() async throws {
        let rig = try await Rig()
        try await rig.kill()
        #expect(try await found(rig).filter { $0 != .wireUnreachable } == [.haproxyUnreachable])
    }
}
