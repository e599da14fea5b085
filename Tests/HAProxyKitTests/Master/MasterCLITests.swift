import FoundationEssentials
import HAProxyKit
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// Reloading HAProxy through its master: 2.6 itself, and the words of later versions by a script.
@Suite struct MasterCLITests {
    /// A real HAProxy with a master, and the certificate that it loads.
    private struct Mastered {
        let directory: ScratchDirectory
        let process: RunningHAProxy
        let certificate: TestCertificate
        let master: MasterCLI

        init() async throws {
            directory = try ScratchDirectory()
            certificate = try await TestCertificate.make("site", in: directory)
            let socket = directory.file("master.sock")
            process = try await RunningHAProxy.start(
                "frontend tls\n    bind \(RunningHAProxy.unusedAddress()) ssl crt \(certificate.bundle)\n",
                in: directory, arguments: ["-W", "-S", socket.string])
            master = MasterCLI(socket: socket.string)
        }
    }

    @Test func `a reload ends with a new worker`() async throws {
        let haproxy = try await Mastered()
        let before = try await haproxy.master.processes()
        #expect(before.master.pid == Int(haproxy.process.pid))
        #expect(before.worker?.pid == (try await RuntimeAPI(socket: haproxy.process.socket.string).processInfo().pid))

        #expect(try await haproxy.master.reload(within: .seconds(60)) == .taken)

        let after = try await haproxy.master.processes()
        #expect(after.master.reloads == before.master.reloads + 1)
        #expect(after.worker?.pid != before.worker?.pid)
        #expect(after.failedReloads == 0)
    }

    @Test func `reload follows reload, though the master cannot be reached in between`() async throws {
        let haproxy = try await Mastered()
        for _ in 1...5 { #expect(try await haproxy.master.reload(within: .seconds(60)) == .taken) }
        #expect(try await haproxy.master.processes().master.reloads == 5)
    }

    @Test func `a refused reload leaves the worker from before, and the next one can work`() async throws {
        let haproxy = try await Mastered()
        let before = try await haproxy.master.processes()
        let good = try String(contentsOfFile: haproxy.certificate.bundle.string, encoding: .utf8)
        try "no certificate\n".write(toFile: haproxy.certificate.bundle.string, atomically: true, encoding: .utf8)

        #expect(try await haproxy.master.reload(within: .seconds(60)) == .refused(alerts: []))

        #expect(try await haproxy.master.processes().worker?.pid == before.worker?.pid)
        try good.write(toFile: haproxy.certificate.bundle.string, atomically: true, encoding: .utf8)
        #expect(try await haproxy.master.reload(within: .seconds(60)) == .taken)
    }

    @Test func `a master that is gone is an error soon`() async throws {
        let haproxy = try await Mastered()
        try await haproxy.process.kill()
        await #expect(throws: RuntimeError.refused(socket: haproxy.master.path)) {
            try await haproxy.master.reload(within: .seconds(60))
        }
    }

    @Test func `a master that dies in the reload is waited for no longer than said`() async throws {
        let haproxy = try await Mastered()
        let dying = MasterCLI(path: haproxy.master.path) { command, _ throws(RuntimeError) in
            guard command == "reload" else { return try await shown(by: haproxy.master.path) }
            try? await haproxy.process.kill()
            throw .closed(socket: haproxy.master.path, command: command)
        }
        await #expect(throws: RuntimeError.self) { try await dying.reload(within: .milliseconds(300)) }
    }
}

/// `show proc`, past what a test wraps.
private func shown(by master: String) async throws(RuntimeError) -> String {
    let found = try await MasterCLI(socket: master).processes()
    let worker = found.worker.map { "# workers\n\($0.pid) worker \($0.reloads) 0d00h00m00s 2.6\n" } ?? ""
    return "\(found.master.pid) master \(found.master.reloads) 0d00h00m00s 2.6\n\(worker)\n"
}

/// HAProxy 2.7 and later tell how a reload ended: their words from 3.0.11 and 3.2.26, by a script.
@Suite struct MasterAnswerTests {
    private static let processes =
        "#<PID>  <type>  <reloads>  <uptime>  <version>\n9 master 0 [failed: 0] 0d00h00m01s 3.0.11\n"
        + "# workers\n10 worker 0 0d00h00m01s 3.0.11\n\n"

    private func socket(_ directory: ScratchDirectory, reload: ScriptedSocket.Turn) throws -> ScriptedSocket {
        try ScriptedSocket(in: directory) { $0 == "reload" ? reload : .answer(Self.processes) }
    }

    @Test func `success is believed`() async throws {
        let directory = try ScratchDirectory()
        let socket = try socket(
            directory,
            reload: .answer(
                "Success=1\n--\n[NOTICE]   (31888) : New worker (31998) forked\n[NOTICE]   (31888) : Loading success.\n\n"
            ))
        #expect(try await MasterCLI(socket: socket.path.string).reload(within: .seconds(60)) == .taken)
    }

    @Test func `a failure comes with HAProxy's reasons`() async throws {
        let directory = try ScratchDirectory()
        let socket = try socket(
            directory,
            reload: .answer(
                """
                Success=0
                --
                [NOTICE]   (31888) : haproxy version is 3.0.11-1+deb13u3
                [ALERT]    (31888) : config : parsing [h.cfg:9] : unable to load certificate from file 'a.pem': no start line.
                [ALERT]    (31888) : config : Fatal errors found in configuration.
                [WARNING]  (31888) : Loading failure!


                """))
        #expect(
            try await MasterCLI(socket: socket.path.string).reload(within: .seconds(60))
                == .refused(alerts: [
                    "config : parsing [h.cfg:9] : unable to load certificate from file 'a.pem': no start line.",
                    "config : Fatal errors found in configuration.",
                ]))
    }

    @Test func `a master that never counts the reload is an error when the time is over`() async throws {
        let directory = try ScratchDirectory()
        let socket = try socket(directory, reload: .hangUp(after: ""))
        await #expect(throws: RuntimeError.self) {
            try await MasterCLI(socket: socket.path.string).reload(within: .milliseconds(100))
        }
        #expect(socket.messages.count { $0 == "reload\n" } == 1)
    }

    /// For some milliseconds after a reload, while the master executes itself a second time; that cannot be hit at will.
    @Test func `a socket that is away for a moment is waited for before a reload`() async throws {
        let looks = Mutex(0)
        let master = MasterCLI(path: "master.sock") { command, _ throws(RuntimeError) in
            if command == "reload" { return "Success=1\n--\n\n" }
            let look = looks.withLock { looks in
                looks += 1
                return looks
            }
            guard look > 2 else { throw .absent(socket: "master.sock") }
            return Self.processes
        }
        #expect(try await master.reload(within: .seconds(60)) == .taken)
        await #expect(throws: RuntimeError.absent(socket: "nowhere.sock")) {
            try await MasterCLI(socket: "nowhere.sock").reload(within: .seconds(60))
        }
    }

    @Test(arguments: ["Permission denied\n\n", "nonsense\n\n"])
    func `another answer to the look before keeps HAProxy from being reloaded`(answer: String) async throws {
        let directory = try ScratchDirectory()
        let socket = try ScriptedSocket(in: directory) { _ in .answer(answer) }
        await #expect(throws: RuntimeError.self) {
            try await MasterCLI(socket: socket.path.string).reload(within: .seconds(60))
        }
        #expect(socket.messages == ["show proc\n"])
    }
}
