import FoundationEssentials
import HAProxyKit
import SystemPackage
import TestSupport
import Testing

@testable import certd

extension Rig {
    /// The policy, and the way by which HAProxy is reloaded: its master, unless another is given.
    func policy(_ policy: String = "always", by way: String? = nil) -> String {
        toml(haproxy: "reload = \"\(policy)\"\n" + (way ?? "master-socket = \"\(master)\""))
    }

    /// What the master says of its processes.
    func processes() async throws -> MasterProcesses { try await MasterCLI(socket: master.string).processes() }

    /// How often HAProxy was reloaded.
    func reloads() async throws -> Int { try await processes().master.reloads }

    /// Changes HAProxy's configuration on disk; the one that runs does not know.
    func edit(_ change: (String) -> String) throws {
        let file = scratch.file("haproxy.cfg").string
        try change(String(contentsOfFile: file, encoding: .utf8)).write(toFile: file, atomically: true, encoding: .utf8)
    }
}

extension World {
    /// The real one, but nobody is waited for as long.
    static var hasty: World {
        var world = World.live
        world.patience = .milliseconds(500)
        return world
    }
}
