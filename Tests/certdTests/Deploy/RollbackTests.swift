import CertKit
import FoundationEssentials
import HAProxyKit
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// What fails after HAProxy's memory has moved is undone, or the disk follows: both end equal.
@Suite struct RollbackTests {
    /// A world in which handshakes go on showing what they showed first.
    private func staleWire() -> World {
        var world = World.live
        let first = FirstAnswer()
        world.probe = HandshakeProbe { target throws(ProbeError) in
            if let known = first.chain { return known }
            let chain = try await HandshakeProbe.live.handshake(target)
            first.chain = chain
            return chain
        }
        return world
    }

    @Test func `where the wire goes on showing the old certificate, memory goes back`() async throws {
        let rig = try await Rig()
        try await rig.renew()

        let error = await rig.refusal(staleWire())

        #expect(error?.findingID == .wireStale)
        #expect(error?.description.contains("served again") == true)
        try await rig.expectInStep(1)
    }

    @Test func `a bundle put together by hand, with empty lines and comments, is brought back too`() async throws {
        let rig = try await Rig()
        let text = try String(contentsOfFile: rig.bundle.string, encoding: .utf8)
        let byHand = "site\r\n\n" + text.split(separator: "-----BEGIN").map { "-----BEGIN\($0)\n\n" }.joined()
        try byHand.write(toFile: rig.bundle.string, atomically: true, encoding: .utf8)
        // It is no certbot generation any more, so the bundle is the only place that has its key.
        try await rig.renew()
        for kind in ["cert", "chain", "fullchain", "privkey"] {
            try FileManager.default.removeItem(atPath: "\(rig.letsencrypt)/archive/\(rig.name)/\(kind)1.pem")
        }
        let before = try await rig.stations()

        let error = await rig.refusal(staleWire())

        #expect(error?.description.contains("served again") == true)
        #expect(try await rig.stations() == before)
        #expect(try String(contentsOfFile: rig.bundle.string, encoding: .utf8) == byHand)
    }

    @Test func `where what is served has no key here, the new one stays and the disk moves too`() async throws {
        let rig = try await Rig()
        try await rig.renew()
        try await rig.renew(3)
        // HAProxy serves generation 1; the disk holds 2, and 1 is nowhere any more.
        try rig.write(generation: 2)
        for kind in ["cert", "chain", "fullchain", "privkey"] {
            try FileManager.default.removeItem(atPath: "\(rig.letsencrypt)/archive/\(rig.name)/\(kind)1.pem")
        }

        let error = await rig.refusal(staleWire())

        #expect(error?.description.contains("the new one stays, on disk too") == true)
        try await rig.expectInStep(3)
    }

    @Test func `an expired certificate is not brought back`() async throws {
        let rig = try await Rig(serving: ["--not-before=-91d", "--not-after=-1d"])
        try await rig.renew()

        let error = await rig.refusal(staleWire())

        #expect(error?.description.contains("the new one stays, on disk too") == true)
        try await rig.expectInStep(2)
    }

    @Test func `where the disk fails, memory goes back`() async throws {
        let rig = try await Rig()
        try await rig.renew()
        let name = rig.bundle.string

        // What stands at the path is a directory by the time the new bundle is moved there.
        let error = await rig.refusal(
            .acting(after: { command in
                guard command.hasPrefix("commit"), !FileManager.default.fileExists(atPath: name + ".kept") else {
                    return
                }
                try? FileManager.default.moveItem(atPath: name, toPath: name + ".kept")
                try? FileManager.default.createDirectory(atPath: name, withIntermediateDirectories: false)
            }))

        #expect(error?.description.contains("served again") == true)
        try FileManager.default.removeItem(atPath: name)
        try FileManager.default.moveItem(atPath: name + ".kept", toPath: name)
        try await rig.expectInStep(1)
    }

    @Test func `where the disk fails and nothing can be brought back, that is said`() async throws {
        let rig = try await Rig(serving: ["--not-before=-91d", "--not-after=-1d"])
        try await rig.renew()
        let name = rig.bundle.string

        let error = await rig.refusal(
            .acting(after: { command in
                guard command.hasPrefix("commit") else { return }
                try? FileManager.default.removeItem(atPath: name)
                try? FileManager.default.createDirectory(atPath: name, withIntermediateDirectories: false)
            }))

        #expect(error?.description.contains("may differ now") == true)
        #expect(try await rig.stations().memory == rig.sha1(of: 2))
    }

    @Test func `the answer to a commit that got lost is no failure`() async throws {
        let rig = try await Rig()
        try await rig.renew()
        let socket = rig.socket.string

        try await rig.deploy(
            .acting(after: { command throws(RuntimeError) in
                if command.hasPrefix("commit") { throw .closed(socket: socket, command: command) }
            }))

        try await rig.expectInStep(2)
    }
}

/// The first answer of a probe.
private final class FirstAnswer: Sendable {
    private let stored = Mutex<ServedChain?>(nil)
    var chain: ServedChain? {
        get { stored.withLock { $0 } }
        set { stored.withLock { $0 = newValue } }
    }
}
