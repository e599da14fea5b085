import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// Addresses where no handshake proves anything for the lineage: they hold no renewal back.
@Suite struct NotHeldBackTests {
    private let other = RunningHAProxy.unusedAddress()

    /// Deploys a renewal, with handshakes where haproxy.cfg has its bind lines, then with `probe`, and checks.
    private func expectDeployed(
        _ rig: Rig, probing probe: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> [(place: String, state: String)] {
        try await rig.renew(2)
        let report = try await rig.deploy()
        #expect(report.outcome == .deployed, sourceLocation: sourceLocation)
        #expect(report.findings == [], sourceLocation: sourceLocation)
        try await rig.expectInStep(2, sourceLocation: sourceLocation)

        try await rig.renew(3)
        let list = probe.map { "\"\($0)\"" }.joined(separator: ", ")
        let toml = rig.toml().replacing("[haproxy]", with: "[haproxy]\nprobe = [\(list)]")
        #expect(try await rig.deploy(toml: toml).findings == [], sourceLocation: sourceLocation)
        try await rig.expectInStep(3, sourceLocation: sourceLocation)

        let inventory = try await rig.inventory(toml: toml)
        let document = await Checker(inventory: inventory).document(of: inventory.lineages)
        let lineage = try #require(document.lineages.first)
        #expect(lineage.findings.map(\.message) == [], sourceLocation: sourceLocation)
        return lineage.stations.filter { $0.station == "wire" }.map { ($0.where, $0.state) }
    }

    @Test(arguments: ["accept-proxy", "verify required ca-file DIR/letsencrypt/pki/root.pem"])
    func `a bind beside the probed one that takes no plain handshake`(options: String) async throws {
        let rig = try await Rig(binds: ["bind \(other) \(options) ssl crt BUNDLE"])

        let wire = try await expectDeployed(rig, probing: ["\(rig.address)", other])

        #expect(wire.first { $0.place == "\(rig.address)" }?.state == "in-sync")
        #expect(wire.first { $0.place == other }?.state == "not-configured")
    }

    @Test(arguments: ["bind abns@certd-test-NAME ssl crt BUNDLE", "bind DIR/tls.sock ssl crt BUNDLE"])
    func `a bind on a socket that is no address`(bind: String) async throws {
        let rig = try await Rig(binds: [bind.replacing("NAME", with: other)])
        let wire = try await expectDeployed(rig, probing: ["\(rig.address)"])
        #expect(wire.map(\.state) == ["in-sync"])
    }

    @Test func `a bind for QUIC`() async throws {
        let rig = try await Rig()
        // Debian's HAProxy 2.6 is built without it, so only the file says so.
        let configuration = try rig.scratch.read("haproxy.cfg")
        try rig.scratch.write(configuration + "    bind quic4@\(other) ssl crt \(rig.bundle)\n", to: "haproxy.cfg")
        let wire = try await expectDeployed(rig, probing: ["\(rig.address)"])
        #expect(wire.map(\.state) == ["in-sync"])
    }

    @Test func `a listener of another certificate`() async throws {
        let rig = try await Rig()
        let certificate = try await TestCertificate.make("other", in: rig.scratch, names: [rig.name])
        let second = try await RunningHAProxy.start(
            "listen tls\n bind \(other) ssl crt \(certificate.bundle)\n server none 127.0.0.1:9\n",
            in: try ScratchDirectory())
        let configuration = try rig.scratch.read("haproxy.cfg")
        try rig.scratch.write(configuration + "    bind \(other) ssl crt \(certificate.bundle)\n", to: "haproxy.cfg")

        let wire = try await expectDeployed(rig, probing: ["\(rig.address)", other])

        #expect(wire.first { $0.place == other }?.state == "not-configured")
        try await second.stop()
    }

    @Test func `where every bind is such a one, check has nothing to say of the wire`() async throws {
        let rig = try await Rig()
        let configuration = try rig.scratch.read("haproxy.cfg")
        try rig.scratch.write(configuration.replacing(" ssl crt", with: " accept-proxy ssl crt"), to: "haproxy.cfg")
        try await rig.kill()
        let haproxy = try await RunningHAProxy.start(in: rig.scratch)
        try await rig.renew()

        #expect(try await rig.deploy().findings == [])

        #expect(try await rig.api.certificate(named: rig.bundle.string)?.leaf?.sha1 == rig.sha1(of: 2))
        let inventory = try await rig.inventory()
        let document = await Checker(inventory: inventory).document(of: inventory.lineages)
        #expect(document.lineages.first?.stations.map(\.state) == ["in-sync", "in-sync", "not-configured"])
        #expect(document.lineages.first?.findings.map(\.message) == [])
        try await haproxy.stop()
    }
}
