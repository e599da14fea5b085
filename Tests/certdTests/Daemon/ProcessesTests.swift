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
            (100, 70, 60, false), (101, 5, 60, true), (100, 5, 60, true), (100, 69, 60, false), (100, 10, 0, false),
        ] as [(Int, Int, Int, Bool)])
    func `another process, or the same number grown younger, has lost what was in memory`(
        pid: Int, uptime: Int, passed: Int, isAnother: Bool
    ) async throws {
        var processes = Processes()
        let socket: FilePath = "/run/haproxy/admin.sock"
        let first = processes.isAnother(try await process(100, uptime: 10), on: socket, at: start)
        #expect(first, "it was never seen before")
        let second = processes.isAnother(
            try await process(pid, uptime: uptime), on: socket, at: start + .seconds(passed))
        #expect(second == isAnother)
    }
}
