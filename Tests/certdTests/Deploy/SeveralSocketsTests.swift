import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// Two HAProxy processes that load one bundle.
@Suite struct SeveralSocketsTests {
    /// A rig and a second HAProxy with the same bundle.
    private func pair() async throws -> (Rig, RunningHAProxy) {
        let rig = try await Rig()
        let other = try await RunningHAProxy.start(
            """
            listen tls
                bind \(RunningHAProxy.unusedAddress()) ssl crt \(rig.bundle)
                server none 127.0.0.1:9

            """, in: try ScratchDirectory())
        return (rig, other)
    }

    private func loaded(_ rig: Rig, on haproxy: RunningHAProxy) async throws -> String? {
        try await RuntimeAPI(socket: haproxy.socket.string).certificate(named: rig.bundle.string)?.leaf?.sha1
    }

    @Test func `both get the new certificate`() async throws {
        let (rig, other) = try await pair()
        try await rig.renew()

        try await rig.deploy(toml: rig.toml(sockets: [rig.socket, other.socket]))

        try await rig.expectInStep(2)
        #expect(try await loaded(rig, on: other) == rig.sha1(of: 2))
    }

    @Test func `where the second refuses, the first gets back what it had`() async throws {
        let (rig, other) = try await pair()
        try await rig.renew()
        let foreign = try await TestCertificate.make("foreign", in: rig.scratch)
        _ = try await RuntimeAPI(socket: other.socket.string)
            .send("set ssl cert \(rig.bundle)", foreign.bundleBytes())

        let error = await rig.refusal(toml: rig.toml(sockets: [rig.socket, other.socket]))

        #expect(error?.findingID == .transactionOpen)
        #expect(error?.description.contains("served again") == true)
        #expect(error?.location == other.socket.string)
        try await rig.expectInStep(1)
        #expect(try await loaded(rig, on: other) == rig.sha1(of: 1))
    }

    @Test func `each gets back its own where they had different ones`() async throws {
        let (rig, other) = try await pair()
        try await rig.renew()
        // The first has generation 2 already; only the second has generation 1 still.
        try await rig.deploy()
        try await rig.renew(3)

        var world = World.live
        world.probe = HandshakeProbe { target throws(ProbeError) in
            let chain = try await HandshakeProbe.live.handshake(target)
            let leaf = try? Certificate(der: chain.certificates[0])
            guard let leaf, let new = try? rig.sha1(of: 3), hexadecimal(leaf.sha1) == new else { return chain }
            throw .closed(target.address)
        }
        let error = await rig.refusal(world, toml: rig.toml(sockets: [rig.socket, other.socket]))

        #expect(error?.findingID == .wireUnreachable)
        try await rig.expectInStep(2)
        #expect(try await loaded(rig, on: other) == rig.sha1(of: 1))
    }

    @Test func `a certificate that only the second serves is not given up for less`() async throws {
        let (rig, other) = try await pair()
        try await rig.renew(2, ["--names", "\(rig.name),sip.example.org"])
        try rig.write(generation: 2)
        try await RuntimeAPI(socket: other.socket.string)
            .replaceCertificate(named: rig.bundle.string, with: InstalledBundle.read(at: rig.bundle).contents.bytes)
        try await rig.renew(3)
        try rig.write(generation: 1)
        let both = rig.toml(sockets: [rig.socket, other.socket])

        let error = await rig.refusal(toml: both)

        #expect(error?.findingID == .namesLost)
        #expect(error?.description.contains("sip.example.org") == true)
        #expect(try await loaded(rig, on: other) == rig.sha1(of: 2))
        try await rig.expectInStep(1)
        try await rig.deploy(toml: both, isForced: true)
        try await rig.expectInStep(3)
    }

    @Test func `one that is down is skipped and named`() async throws {
        let (rig, other) = try await pair()
        try await rig.renew()
        try await other.kill()

        let report = try await rig.deploy(toml: rig.toml(sockets: [rig.socket, other.socket]))

        #expect(report.skipped == [other.socket.string])
        try await rig.expectInStep(2)
    }

    @Test func `with both sockets gone while the address accepts, nothing is touched`() async throws {
        let rig = try await Rig()
        try await rig.renew()
        let sockets = [rig.scratch.file("one.sock"), rig.scratch.file("two.sock")]

        let error = await rig.refusal(toml: rig.toml(sockets: sockets))

        #expect(error?.findingID == .haproxyUnreachable)
        #expect(error?.description.contains("\(rig.address) accepts connections") == true)
        try await rig.expectInStep(1)
    }
}
