import CertKit
import HAProxyKit
import Synchronization
import TestSupport
import Testing

@testable import certd

/// Where an address is known to show what HAProxy holds, the first handshake of a deployment is the one that proves it.
@Suite struct FirstHandshakeTests {
    /// Counts handshakes, and answers some of them otherwise.
    private final class Wire: Sendable {
        private let state = Mutex<(count: Int, answer: ServedChain?)>((0, nil))

        var count: Int { state.withLock { $0.count } }

        /// Has all handshakes show `chain` from now on, and counts anew.
        func show(_ chain: ServedChain?) { state.withLock { $0 = (0, chain) } }

        var probe: HandshakeProbe {
            HandshakeProbe { target async throws(ProbeError) in
                let answer = self.state.withLock { state in
                    state.count += 1
                    return state.answer
                }
                if let answer { return answer }
                return try await HandshakeProbe.live.handshake(target)
            }
        }
    }

    private let wire = Wire()

    private func world() -> World {
        var world = World.live
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
