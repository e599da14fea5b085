import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// HAProxy does not stand still while it is given a new certificate.
@Suite struct ReloadTests {
    @Test func `reloaded between memory and disk, HAProxy gets the new certificate again`() async throws {
        let rig = try await Rig(arguments: ["-W"])
        try await rig.renew()
        let once = Times()

        let report = try await rig.deploy(
            .acting(after: { command in
                if command.hasPrefix("commit"), once.next() { try? await rig.reload() }
            }))

        #expect(report.outcome == .deployed)
        try await rig.expectInStep(2)
    }

    @Test func `reloaded before the commit, HAProxy is given the certificate anew`() async throws {
        let rig = try await Rig(arguments: ["-W"])
        try await rig.renew()
        let once = Times()

        try await rig.deploy(
            .acting(before: { command in
                if command.hasPrefix("commit"), once.next() { try? await rig.reload() }
            }))

        try await rig.expectInStep(2)
    }

    @Test func `reloaded again and again, it is given up after three times and all is as before`() async throws {
        let rig = try await Rig(arguments: ["-W"])
        try await rig.renew()
        let sets = Sent()

        let error = await rig.refusal(
            .acting(
                before: { if $0.hasPrefix("set ") { sets.note($0) } },
                after: { if $0.hasPrefix("set "), sets.all.count <= 3 { try? await rig.reload() } }))

        #expect(error?.description.contains("reloaded 3 times") == true)
        #expect(sets.all.count == 3)
        try await rig.expectInStep(1)
    }

    @Test func `where each reload loads the old file again, it is given up and all is as before`() async throws {
        let rig = try await Rig(arguments: ["-W"])
        try await rig.renew()
        let commits = Sent()

        // Something else keeps putting the old bundle back, as a deployment by other means would.
        let error = await rig.refusal(
            .acting(after: { command in
                guard command.hasPrefix("commit") else { return }
                commits.note(command)
                guard commits.all.count <= 3 else { return }
                try? rig.write(generation: 1)
                try? await rig.reload()
            }))

        #expect(error?.description.contains("reloaded 3 times") == true)
        try await rig.expectInStep(1)
    }

    @Test func `restarted between set and commit, HAProxy gets the new certificate`() async throws {
        let rig = try await Rig()
        try await rig.renew()
        let once = Times()

        try await rig.deploy(
            .acting(before: { command in
                guard command.hasPrefix("commit"), once.next() else { return }
                try? await rig.kill()
                try? await rig.start()
            }))

        try await rig.expectInStep(2)
    }

    @Test(arguments: ["set ", "commit ", "handshake"])
    func `dying for good in the middle, HAProxy leaves the old bundle on disk`(moment: String) async throws {
        let rig = try await Rig()
        try await rig.renew()
        let sent = Sent()
        var world = World.acting(before: { next in
            if next.hasPrefix(moment) { try? await rig.kill() }
            sent.note(next)
        })
        world.probe = HandshakeProbe { target async throws(ProbeError) in
            if moment == "handshake", !sent.changing.isEmpty { try? await rig.kill() }
            return try await HandshakeProbe.live.handshake(target)
        }

        let error = await rig.refusal(world)

        #expect(error?.description.contains("not running any more") == true, "\(String(describing: error))")
        #expect(try await rig.stations() == SeenStations(disk: rig.sha1(of: 1)))
        // The note of a transaction that went with its process is settled by the next run, whatever it finds.
        try await rig.start()
        try await rig.deploy()
        try await rig.expectInStep(2)
    }

    @Test func `dying after the disk has moved, HAProxy is named and the new bundle stays`() async throws {
        let rig = try await Rig()
        try await rig.renew()
        let new = try rig.sha1(of: 2)

        let report = try await rig.deploy(
            .acting(before: { _ in
                guard let disk = try? InstalledBundle.read(at: rig.bundle).leaf else { return }
                if hexadecimal(disk.sha1) == new { try? await rig.kill() }
            }))

        #expect(report.findings.map(\.id).contains(.haproxyUnreachable))
        #expect(try await rig.stations() == SeenStations(disk: new))
    }
}
