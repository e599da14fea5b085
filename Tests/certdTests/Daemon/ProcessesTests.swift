import HAProxyKit
import SystemPackage
import Testing

@testable import certd

@Suite struct ProcessesTests {
    private let start = ContinuousClock.now

    private func process(_ pid: Int, uptime: Int) async throws -> HAProxyProcess {
        let api = RuntimeAPI(path: "/run/haproxy/admin.sock") { _, _ in
            "Version: 2.6.12\nPid: \(pid)\nUptime_sec: \(uptime)\n\n"
        }
        return try await api.processInfo()
    }

    @Test(
        arguments: [
            (100, 70, 60, .same), (101, 5, 60, .another), (100, 5, 60, .another), (100, 69, 60, .same),
            (100, 10, 0, .same),
        ] as [(Int, Int, Int, Processes.Encounter)])
    func `another process, or the same number grown younger, has lost what was in memory`(
        pid: Int, uptime: Int, passed: Int, encounter: Processes.Encounter
    ) async throws {
        var processes = Processes()
        let socket: FilePath = "/run/haproxy/admin.sock"
        let first = processes.meet(try await process(100, uptime: 10), on: socket, at: start)
        #expect(first == .first)
        let second = processes.meet(try await process(pid, uptime: uptime), on: socket, at: start + .seconds(passed))
        #expect(second == encounter)
    }
}
