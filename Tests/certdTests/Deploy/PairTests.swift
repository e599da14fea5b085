import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// An RSA and an ECDSA certificate for one name, which HAProxy loads by one `crt`: two lineages, two bundles.
@Suite struct PairTests {
    private let scratch: ScratchDirectory
    private let letsencrypt: FilePath
    private let address: String

    init() throws {
        scratch = try ScratchDirectory()
        letsencrypt = scratch.file("letsencrypt")
        address = RunningHAProxy.unusedAddress()
    }

    private static let names = ["ecdsa", "rsa"]

    /// Both from an issuer with an RSA key, so that what signed them does not tell them apart.
    private func make(_ name: String, generation: Int = 1) async throws {
        let key = name == "rsa" ? "rsa" : "ec"
        try await MadeCertificates.lineage(
            name, below: letsencrypt,
            ["--names", "pbx.example.org", "--key", key, "--issuer", "rsa", "--generation", "\(generation)"], now: nil)
    }

    private func start(_ options: String) async throws -> RunningHAProxy {
        for name in Self.names {
            try await make(name)
            let text = try ["fullchain", "privkey"].map { try scratch.read("letsencrypt/live/\(name)/\($0).pem") }
            try scratch.write(text.joined(), to: "site.pem.\(name)")
        }
        return try await RunningHAProxy.start(
            "frontend f\n bind \(address) ssl crt \(scratch.file("site.pem")) \(options)\n", in: scratch)
    }

    /// Without entries the bundles are found by what HAProxy has loaded.
    private func inventory(_ entries: String = "") async throws -> Inventory {
        let settings = try load(
            """
            [letsencrypt]
            directory = "\(letsencrypt)"
            [haproxy]
            configuration = "\(scratch.file("haproxy.cfg"))"
            [check]
            trust = "\(letsencrypt)/pki/root.pem"
            [paths]
            state = "\(scratch.file("state"))"
            \(entries)
            """)
        return try await Inventory(settings: settings, world: .live)
    }

    private func deploy(_ name: String, _ entries: String = "") async throws -> DeploymentReport {
        let inventory = try await inventory(entries)
        let lineage = try #require(inventory.lineages.first { $0.name == name })
        let target = try #require(try inventory.target(of: lineage))
        #expect(target.place.path == scratch.file("site.pem.\(name)"))
        var results: [DeploymentRun.Result] = []
        _ = try await DeploymentRun(inventory: inventory).run([lineage]) { results.append($0) }
        return try #require(results.first).outcome.get()
    }

    /// The fingerprint that a client sees which takes only this kind of key.
    private func served(_ algorithm: ProbeTarget.Algorithm) async throws -> Fingerprint {
        let target = try ProbeTarget(
            #require(ProbeAddress(address)), serverName: "pbx.example.org", algorithm: algorithm)
        return try await HandshakeProbe.live.handshake(target).leafFingerprint
    }

    private func leaf(_ name: String) throws -> Fingerprint {
        let path = letsencrypt.appending("live/\(name)/cert.pem")
        return try #require(try InstalledBundle.read(at: path).leaf).fingerprint
    }

    @Test(arguments: ["ssl-max-ver TLSv1.2", "ssl-min-ver TLSv1.3"], ["ecdsa", "rsa"])
    func `each is deployed by itself and proven by its own handshake`(options: String, first: String) async throws {
        let haproxy = try await start(options)
        let second = first == "rsa" ? "ecdsa" : "rsa"
        let before = try (leaf("ecdsa"), leaf("rsa"))
        #expect(try await (served(.ecdsa), served(.rsa)) == before)
        for name in [first, second] { try await make(name, generation: 2) }

        #expect(try await deploy(first).outcome == .deployed)
        let kept = first == "rsa" ? before.0 : before.1
        #expect(try await served(first == "rsa" ? .ecdsa : .rsa) == kept)
        #expect(try await deploy(second).outcome == .deployed)

        #expect(try await (served(.ecdsa), served(.rsa)) == (leaf("ecdsa"), leaf("rsa")))
        for name in Self.names {
            let report = try await deploy(name)
            #expect(report.outcome == .nothingToDo)
            #expect(report.findings == [])
        }
        try await haproxy.stop()
    }

    @Test func `a kind of key that no longer answers is noticed, though the other half of the pair does`() async throws
    {
        let haproxy = try await start("")
        // Whoever asks for either kind gets the ECDSA one.
        var world = World.live
        world.probe = HandshakeProbe { target throws(ProbeError) in
            guard target.algorithm == .rsa else { return try await HandshakeProbe.live.handshake(target) }
            throw .alert(target.address, serverName: target.serverName, name: "handshake failure")
        }
        let entry = "[[bundle]]\nlineage = \"rsa\"\npath = \"\(scratch.file("site.pem.rsa"))\""
        let settings = try await inventory(entry).settings
        let inventory = try await Inventory(settings: settings, world: world)
        let lineage = try #require(inventory.lineages.first { $0.name == "rsa" })
        let observer = inventory.observer(of: try #require(try inventory.target(of: lineage)))
        let generation = try await inventory.generation(of: lineage, within: .seconds(5))

        let look = await observer.look(for: generation.leaf)

        #expect(look.wire.map { $0.state(of: generation.leaf) } == [.unreachable])
        #expect(look.doubts(about: lineage).map(\.id) == [.wireUnreachable])
        try await haproxy.stop()
    }

    @Test func `where there is no pair, the kind of key may change with a renewal`() async throws {
        let rig = try await Rig(serving: ["--key", "rsa"])
        try await rig.renew(2, ["--key", "ec"])

        let report = try await rig.deploy()

        #expect(report.findings == [])
        try await rig.expectInStep(2)
        try await rig.renew(3, ["--key", "rsa"])
        try await rig.deploy()
        try await rig.expectInStep(3)
    }
}
