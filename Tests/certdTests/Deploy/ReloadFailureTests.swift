import CertKit
import FoundationEssentials
import Glibc
import HAProxyKit
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// A reload that cannot be had, or that comes to nothing: the old certificate is served, from the disk too.
@Suite struct ReloadFailureTests {
    /// OpenSSL's own level refuses the key when HAProxy loads it.
    private let refusedByHAProxy = ["--key", "rsa1024"]

    private func renewed(_ options: [String] = []) async throws -> Rig {
        let rig = try await Rig(isMastered: true)
        try await rig.renew(2, options)
        return rig
    }

    @Test func `a bundle that HAProxy refuses does not get as far as the reload`() async throws {
        let rig = try await renewed(refusedByHAProxy)

        let error = await rig.refusal(toml: rig.policy(), isForced: true)

        #expect(error?.description.contains("would not start with the new bundle") == true)
        #expect(error?.description.contains("nothing was changed") == true)
        try await rig.expectInStep(1)
        #expect(try await rig.reloads() == 0)
    }

    @Test func `a configuration that is refused already is not the new bundle's fault, and not reloaded`() async throws
    {
        let rig = try await renewed()
        try rig.edit { $0 + "    no-such-keyword\n" }

        let error = await rig.refusal(toml: rig.policy())

        #expect(error?.description.contains("without the new bundle too") == true)
        #expect(error?.description.contains("no-such-keyword") == true)
        #expect(error?.remedy == "haproxy -c -f \(rig.scratch.file("haproxy.cfg"))")
        try await rig.expectInStep(1)
        #expect(try await rig.reloads() == 0)
    }

    /// The reason comes up between `haproxy -c` and the reload, as on a host where somebody else is at work.
    @Test func `a reload that fails because of another file puts the old bundle back`() async throws {
        let rig = try await renewed()
        var world = World.live
        world.master = { socket in
            MasterCLI(path: socket) { command, limit throws(RuntimeError) in
                if command == "reload" { try? rig.edit { $0 + "    no-such-keyword\n" } }
                return try await MasterCLI(socket: socket).send(command, limit)
            }
        }

        let error = await rig.refusal(world, toml: rig.policy())

        #expect(error?.description.contains("HAProxy refused the reload") == true)
        #expect(error?.description.contains("nothing was changed") == true)
        try await rig.expectInStep(1)
        // One only: the worker from before serves on, so nothing has to be reloaded back.
        #expect(try await rig.reloads() == 1)
    }

    // A fake verdict, since haproxy -c and the reload agree otherwise.
    @Test func `a reload that fails because of the new bundle puts the old one back`() async throws {
        let rig = try await renewed(refusedByHAProxy)
        var world = World.live
        world.judge = { _ in .unknown("no program named haproxy") }

        let error = await rig.refusal(world, toml: rig.policy(), isForced: true)

        #expect(error?.description.contains("HAProxy refused the reload") == true)
        try await rig.expectInStep(1)
        #expect(try await rig.processes().failedReloads == 1)
    }

    @Test func `a master socket that is not there keeps everything as it is`() async throws {
        let rig = try await Rig(arguments: ["-W"])
        try await rig.renew()

        let error = await rig.refusal(toml: rig.policy())

        #expect(error?.description.contains("\(rig.master)") == true)
        #expect(error?.remedy.contains("-W -S \(rig.master)") == true)
        try await rig.expectInStep(1)
    }

    // By a fake, since root may open every socket.
    @Test func `a master socket that does not let certd in keeps everything as it is`() async throws {
        let rig = try await renewed()
        var world = World.live
        world.master = { socket in
            MasterCLI(path: socket) { _, _ throws(RuntimeError) in throw .forbidden(socket: socket) }
        }

        let error = await rig.refusal(world, toml: rig.policy())

        #expect(error?.remedy.contains("-S \(rig.master),mode,660,group,haproxy") == true)
        try await rig.expectInStep(1)
    }

    @Test func `HAProxy that dies in the reload leaves the old bundle for its next start`() async throws {
        let rig = try await renewed()
        var world = World.live
        world.patience = .seconds(2)
        world.master = { socket in
            MasterCLI(path: socket) { command, limit throws(RuntimeError) in
                guard command == "reload" else { return try await MasterCLI(socket: socket).send(command, limit) }
                // The worker serves on for a moment when only its master is killed.
                if let worker = try? await rig.api.processInfo().pid { _ = Glibc.kill(pid_t(worker), SIGKILL) }
                try? await rig.kill()
                throw .closed(socket: socket, command: command)
            }
        }

        let error = await rig.refusal(world, toml: rig.policy())

        #expect(error?.description.contains("not running any more") == true)
        try await rig.start()
        try await rig.expectInStep(1)
    }

    /// Between `haproxy -c` and the reload, the address is given to another certificate.
    @Test func `HAProxy that has taken the bundle but does not serve it is reloaded back`() async throws {
        let rig = try await renewed()
        let other = try await TestCertificate.make("other", in: rig.scratch)
        var world = World.live
        world.patience = .seconds(5)
        world.master = { socket in
            MasterCLI(path: socket) { command, limit throws(RuntimeError) in
                if command == "reload" {
                    try? rig.edit { text in
                        let lines = text.split(separator: "\n").filter { !$0.contains(" bind ") }
                        let binds =
                            "    bind \(rig.address) ssl crt \(other.bundle)\n    bind \(RunningHAProxy.unusedAddress()) ssl crt \(rig.bundle)"
                        return lines.joined(separator: "\n") + "\n\(binds)\n"
                    }
                }
                return try await MasterCLI(socket: socket).send(command, limit)
            }
        }

        let error = await rig.refusal(world, toml: rig.policy())

        #expect(error?.description.contains("\(rig.address) still serves") == true)
        #expect(error?.description.contains("served again") == true)
        let now = try await rig.stations()
        #expect(try [now.disk, now.memory] == [rig.sha1(of: 1), rig.sha1(of: 1)])
        #expect(try await rig.reloads() == 2)
        try await rig.expectTidy()
    }

    @Test(arguments: [true, false])
    func `killed between disk and reload, the next run finishes it`(isServed: Bool) async throws {
        let rig = try await renewed()
        // What a run leaves that is killed right after the rename: the old bundle beside the new one.
        try rig.write(generation: 1, to: rig.bundles.appending(".\(rig.name).pem.certd-old"))
        try rig.write(generation: 2)
        if isServed { try await rig.reload() }

        let report = try await rig.deploy(toml: rig.policy())

        #expect(report.outcome == (isServed ? .nothingToDo : .deployed))
        try await rig.expectInStep(2)
    }

    @Test func `killed between disk and reload, a bundle that HAProxy refuses is gone after the next run`() async throws
    {
        let rig = try await renewed(refusedByHAProxy)
        try rig.write(generation: 1, to: rig.bundles.appending(".\(rig.name).pem.certd-old"))
        try rig.write(generation: 2)

        _ = await rig.refusal(toml: rig.policy(), isForced: true)

        try await rig.expectInStep(1)
    }

    @Test func `killed between disk and start, the bundle that would stop it is gone after the next run`() async throws
    {
        let rig = try await renewed(refusedByHAProxy)
        try await rig.kill()
        try rig.write(generation: 1, to: rig.bundles.appending(".\(rig.name).pem.certd-old"))
        try rig.write(generation: 2)

        _ = await rig.refusal(toml: rig.policy(), isForced: true)

        try await rig.start()
        try await rig.expectInStep(1)
    }
}
