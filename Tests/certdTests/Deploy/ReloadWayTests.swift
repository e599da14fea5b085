import CertKit
import FoundationEssentials
import HAProxyKit
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// HAProxy is reloaded by a command or by somebody who takes a request, where certd does not get at its master.
@Suite struct ReloadWayTests {
    private func renewed() async throws -> Rig {
        let rig = try await Rig(isMastered: true)
        try await rig.renew()
        return rig
    }

    @Test func `a command reloads it, and the admin socket proves it`() async throws {
        let rig = try await renewed()
        let processes = try await rig.processes()
        let command = "reload-command = [\"kill\", \"-USR2\", \"\(processes.master.pid)\"]"

        try await rig.deploy(toml: rig.policy(by: command))

        try await rig.expectInStep(2)
        #expect(try await rig.reloads() == 1)
    }

    @Test(
        arguments: [
            ("[\"false\"]", "exited(1)", "run it by hand: false", .seconds(10)),
            ("[\"certd-has-no-such-program\"]", "certd-has-no-such-program", "run it by hand", .seconds(10)),
            ("[\"sleep\", \"600\"]", "has not ended within", "run it by hand: sleep 600", .milliseconds(300)),
        ] as [(String, String, String, Duration)])
    func `a command that does not do it is an error, and the old bundle comes back`(
        command: String, error: String, remedy: String, patience: Duration
    ) async throws {
        let rig = try await renewed()

        var world = World.live
        world.patience = patience
        let found = await rig.refusal(world, toml: rig.policy(by: "reload-command = \(command)"))

        #expect(found?.description.contains(error) == true, "\(found?.description ?? "")")
        #expect(found?.description.contains("nothing was changed") == true)
        #expect(found?.remedy.contains(remedy) == true)
        try await rig.expectInStep(1)
    }

    // By a fake that ends at once: the time that is waited for HAProxy is to be short, however busy the host is.
    @Test func `a command that ends well but does nothing is an error, and the old bundle comes back`() async throws {
        let rig = try await renewed()
        var world = World.hasty
        world.run = { _, _ in .well }

        let error = await rig.refusal(world, toml: rig.policy(by: "reload-command = [\"true\"]"))

        #expect(error?.description.contains("no new process answered") == true)
        #expect(error?.remedy.contains("journalctl -u haproxy") == true)
        try await rig.expectInStep(1)
    }

    @Test func `a request is taken by somebody with the right to reload`() async throws {
        let rig = try await renewed()
        let request = rig.scratch.file("run").appending("reload")
        // As certd-reload.path and its service do.
        let unit = Task {
            while !Task.isCancelled {
                if (try? FileManager.default.removeItem(atPath: request.string)) != nil {
                    return try await rig.reload()
                }
                try await Task.sleep(for: .milliseconds(5))
            }
        }

        try await rig.deploy(toml: rig.policy(by: ""))

        unit.cancel()
        try await rig.expectInStep(2)
        #expect(try await rig.reloads() == 1)
        #expect(!FileManager.default.fileExists(atPath: request.string))
    }

    @Test func `a request that nobody takes is withdrawn, and the remedy says who should have`() async throws {
        let rig = try await renewed()

        let error = await rig.refusal(.hasty, toml: rig.policy(by: ""))

        #expect(error?.description.contains("nobody took the request for a reload") == true)
        #expect(error?.remedy.contains("systemctl enable --now certd-reload.path") == true)
        #expect(!FileManager.default.fileExists(atPath: rig.scratch.file("run").appending("reload").string))
        try await rig.expectInStep(1)
    }

    @Test func `a request that cannot be written is an error`() async throws {
        let rig = try await renewed()
        try rig.scratch.write("", to: "run")

        let error = await rig.refusal(.hasty, toml: rig.policy(by: ""))

        #expect(error?.description.contains("the request for a reload cannot be written") == true)
        try await rig.expectInStep(1)
    }

    // The usual socket is the host's own, so it is stood in for by the rig's.
    @Test func `the usual master socket counts where its worker is the process behind the admin socket`() async throws {
        let (rig, other) = (try await renewed(), try await Rig(isMastered: true))
        let asked = Mutex(rig.master)
        var world = World.hasty
        world.master = { _ in MasterCLI(socket: asked.withLock { $0.string }) }
        world.patience = .seconds(10)
        try await rig.deploy(world, toml: rig.policy(by: ""))
        #expect(try await rig.reloads() == 1)

        try await rig.renew(3)
        asked.withLock { $0 = other.master }
        world.patience = .milliseconds(300)
        let error = await rig.refusal(world, toml: rig.policy(by: ""))

        #expect(error?.description.contains("nobody took the request") == true)
        #expect(try await other.reloads() == 0)
        try await rig.expectInStep(2)
    }

    @Test func `haproxy -c that does not end is no verdict`() async throws {
        let directory = try ScratchDirectory()
        let pipe = directory.file("haproxy.cfg")
        try await requireTool("mkfifo", [pipe.string])
        let verdict = await StartVerdict.ofHAProxy(configuration: pipe, within: .milliseconds(200))
        #expect(verdict == .unknown("haproxy -c has not ended within 0.2 seconds"))
    }
}
