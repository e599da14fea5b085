import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// Workers that stay after reloads are counted, and somebody hears of them before they are too many.
@Suite struct OldWorkersTests {
    /// What a master of this version says that has so many old workers, the oldest of which has outlived so many reloads.
    ///
    /// By a script: ten real reloads with a session each take too long for a test.
    private func finding(
        version: String, workers: Int, reloads: Int, limit: Int?
    ) async throws -> Finding? {
        let old = (0..<workers).map { "\(100 + $0) worker \(reloads - $0) 0d00h00m09s \(version)\n" }.joined()
        let text =
            "9 master \(reloads) [failed: 0] 0d00h01m00s \(version)\n# workers\n10 worker 0 0d00h00m01s \(version)\n"
            + "# old workers\n\(old)\n"
        let master = MasterCLI(path: "/m.sock") { _, _ throws(RuntimeError) in text }
        return Finding(try await master.processes(), limit: limit, master: master.path)
    }

    @Test(
        arguments: [
            ("2.6.12", 0, 0, nil, false), ("2.6.12", 9, 40, nil, false), ("2.6.12", 10, 10, nil, true),
            ("2.6.12", 1, 7, 10, false), ("2.6.12", 1, 8, 10, true), ("2.6.12", 20, 20, 100, false),
            ("3.4.0", 1, 39, nil, false), ("3.4.0", 1, 40, nil, true), ("3.4.0", 1, 40, 100, false),
        ] as [(String, Int, Int, Int?, Bool)])
    func `many of them, or one that the master ends soon, are a warning`(
        version: String, workers: Int, reloads: Int, limit: Int?, isWarned: Bool
    ) async throws {
        let found = try await finding(version: version, workers: workers, reloads: reloads, limit: limit)
        #expect((found != nil) == isWarned)
        guard let found else { return }
        #expect(found.id == .oldWorkers)
        #expect(found.severity == .warning)
        #expect(found.remedy.contains("echo '@!100 show sess' | socat - UNIX-CONNECT:/m.sock"))
    }

    @Test func `check tells of them, by the limit in haproxy.cfg`() async throws {
        let rig = try await Rig(isMastered: true)
        try rig.edit { $0 + "global\n    mworker-max-reloads 1\n" }
        var world = World.live
        world.master = { socket in
            MasterCLI(path: socket) { command, limit throws(RuntimeError) in
                // The session that keeps an old worker is spared here.
                try await MasterCLI(socket: socket).send(command, limit).replacing("# programs", with: "")
                    .replacing("\n\n", with: "\n# old workers\n77 worker 1 0d00h00m09s 2.6.12\n\n")
            }
        }
        let toml = rig.toml(haproxy: "master-socket = \"\(rig.master)\"")

        let document = await Checker(inventory: try await rig.inventory(world, toml: toml)).document(of: [])

        #expect(document.findings.contains { $0.id == "old-workers" && $0.message.contains("after 1 ") })
    }

    @Test func `a master that is not there says nothing`() async throws {
        let rig = try await Rig()
        let named = try await rig.inventory(toml: rig.policy("if-needed"))
        #expect(await named.oldWorkers().isEmpty)
        let usual = try await rig.inventory()
        #expect(await usual.oldWorkers().isEmpty)
    }
}
