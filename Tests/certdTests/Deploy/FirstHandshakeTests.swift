import CertKit
import HAProxyKit
import Synchronization
import TestSupport
import Testing

@testable import certd

/// Where an address is known to show what HAProxy holds, the first handshake of a deployment is the one that proves it.
@Suite struct FirstHandshakeTests {
    /// Counts handshakes, and answers some of them otherwise: what a second HAProxy on the same port would do by the
    /// kernel's choice, at no time that a test could know.
    private final class Wire: Sendable {
        private struct State {
            var count = 0
            var answer: ServedChain?
            var name: String?
        }
        private let state = Mutex(State())

        var count: Int { state.withLock { $0.count } }

        /// Has all handshakes, or those for `name`, show `chain` from now on, and counts anew.
        func show(_ chain: ServedChain?, for name: String? = nil) {
            state.withLock { $0 = State(answer: chain, name: name) }
        }

        var probe: HandshakeProbe {
            HandshakeProbe { target async throws(ProbeError) in
                let answer = self.state.withLock { state in
                    state.count += 1
                    return [nil, target.serverName].contains(state.name) ? state.answer : nil
                }
                if let answer { return answer }
                return try await HandshakeProbe.live.handshake(target)
            }
        }
    }

    private let wire = Wire()

    private func world(_ sent: Sent = Sent()) -> World {
        var world = World.acting(before: { sent.note($0) })
        world.probe = wire.probe
        return world
    }

    private func deploy(_ rig: Rig, _ inventory: Inventory) async throws -> DeploymentReport {
        var results: [DeploymentRun.Result] = []
        let lineages = try inventory.lineages(named: [rig.name])
        _ = try await DeploymentRun(inventory: inventory).run(lineages) { results.append($0) }
        return try #require(results.first).outcome.get()
    }

    @Test func `the second renewal needs one handshake, until HAProxy is another process`() async throws {
        let rig = try await Rig(arguments: ["-W"])
        let inventory = try await rig.inventory(world())
        for (generation, handshakes) in [(2, 2), (3, 1), (4, 1)] {
            try await rig.renew(generation)
            wire.show(nil)
            let report = try await deploy(rig, inventory)
            #expect(report.outcome == .deployed)
            #expect(report.previous != nil)
            #expect(wire.count == handshakes, "\(generation)")
            try await rig.expectInStep(generation)
        }
        try await rig.reload()
        try await rig.renew(5)
        wire.show(nil)
        #expect(try await deploy(rig, inventory).outcome == .deployed)
        #expect(wire.count == 2)
        try await rig.expectInStep(5)
    }

    @Test func `where HAProxy holds another leaf than the disk, the wire is looked at before`() async throws {
        let rig = try await Rig()
        let inventory = try await rig.inventory(world())
        try await rig.renew(2)
        _ = try await deploy(rig, inventory)
        try await rig.renew(3)
        try await rig.renew(4)
        try rig.write(generation: 3)
        wire.show(nil)
        #expect(try await deploy(rig, inventory).outcome == .deployed)
        #expect(wire.count == 2)
        try await rig.expectInStep(4)
    }

    @Test func `an address that shows something else by now holds nothing back`() async throws {
        let rig = try await Rig()
        let inventory = try await rig.inventory(world())
        try await rig.renew(2)
        _ = try await deploy(rig, inventory)
        let other = try await TestCertificate.make("other", in: rig.scratch, names: [rig.name])
        let shown = try #require(try InstalledBundle.read(at: other.bundle).leaf)
        try await rig.renew(3)
        wire.show(ServedChain(leaf: Array(shown.der)))

        let report = try await deploy(rig, inventory)

        #expect(report.outcome == .deployed)
        #expect(!report.findings.isEmpty)
        wire.show(nil)
        try await rig.expectInStep(3)
    }

    @Test func `a name that an address shows something else for is tried once`() async throws {
        let names = ["sip.example.org", "pbx.example.org"]
        let options = ["--names", names.joined(separator: ",")]
        let rig = try await Rig(serving: options)
        let toml = rig.toml(
            extra: """
                [[bundle]]
                lineage = "\(rig.name)"
                path = "\(rig.bundle)"
                hosts = ["\(names[0])", "\(names[1])"]
                """)
        let sent = Sent()
        let inventory = try await rig.inventory(world(sent), toml: toml)
        let other = try await TestCertificate.make("other", in: rig.scratch, names: names)
        let shown = try #require(try InstalledBundle.read(at: other.bundle).leaf)
        wire.show(ServedChain(leaf: Array(shown.der)), for: names[0])
        for generation in 2...3 {
            try await rig.renew(generation, options)
            #expect(try await deploy(rig, inventory).outcome == .deployed)
        }
        #expect(sent.changing.filter { $0.hasPrefix("set ") }.count == 2)
        try await rig.expectInStep(3)
    }

    @Test func `an address that goes on showing the old leaf is a failure, and all is as it was`() async throws {
        let rig = try await Rig()
        let inventory = try await rig.inventory(world())
        try await rig.renew(2)
        _ = try await deploy(rig, inventory)
        let old = try await HandshakeProbe.live.handshake(ProbeTarget(rig.address, serverName: rig.name))
        try await rig.renew(3)
        wire.show(old)

        await #expect(throws: DeploymentError.self) { _ = try await deploy(rig, inventory) }

        wire.show(nil)
        try await rig.expectInStep(2)
        #expect(try await deploy(rig, inventory).outcome == .deployed)
        try await rig.expectInStep(3)
    }
}
