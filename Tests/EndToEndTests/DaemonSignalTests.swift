internal import FoundationEssentials
internal import Glibc
internal import SystemPackage
internal import TestSupport
internal import Testing

/// What the daemon is told by signals, and what it tells its supervisor.
@Suite(.timeLimit(.minutes(5))) struct DaemonSignalTests {
    private let name = "pbx.example.org"

    private func stage(_ lineages: [String] = []) async throws -> Stage {
        let stage = try await Stage(lineages: [name] + lineages)
        try await stage.make(name)
        return stage
    }

    @Test(arguments: ["@certd-notify", "/tmp/certd-notify"])
    func `systemd hears when it is ready, what it does, that it is alive, and when it ends`(
        prefix: String
    ) async throws {
        let address = "\(prefix)-\(UInt32.random(in: 0...UInt32.max))"
        let systemd = try DatagramListener(on: address)
        defer { try? remove(FilePath(address)) }
        let stage = try await stage()
        let daemon = try await stage.daemon(["NOTIFY_SOCKET": address, "WATCHDOG_USEC": "400000"])

        try await systemd.heard.wait(for: "READY=1")
        try await systemd.heard.wait(for: "STATUS=1 lineages in step")
        let known = systemd.heard.messages.count
        try await systemd.heard.wait(for: "WATCHDOG=1", after: known + 2)
        daemon.signal(SIGHUP)
        try await systemd.heard.wait(for: "RELOADING=1\nMONOTONIC_USEC=")
        try await systemd.heard.wait(for: "READY=1", after: known)
        #expect(try await daemon.stop() == 0)
        try await systemd.heard.wait(for: "STOPPING=1")
    }

    @Test func `the watchdog is not fed while the work hangs`() async throws {
        let address = "@certd-watchdog-\(UInt32.random(in: 0...UInt32.max))"
        let systemd = try DatagramListener(on: address)
        let stage = try await stage()
        let daemon = try await stage.daemon(["NOTIFY_SOCKET": address, "WATCHDOG_USEC": "400000"])
        try await daemon.log.wait(for: "notice: deployed lineage=\(name)")
        let worker = try #require(try await stage.workerPID().flatMap { Int32($0) })

        try await hang(worker, in: stage)
        let atFirst = systemd.heard.count(of: "WATCHDOG=1")
        try await Task.sleep(for: .seconds(2))
        #expect(systemd.heard.count(of: "WATCHDOG=1") <= atFirst + 1)
        kill(worker, SIGCONT)
        let known = systemd.heard.messages.count
        try await systemd.heard.wait(for: "WATCHDOG=1", after: known + 3)
        #expect(try await daemon.stop() == 0)
    }

    @Test func `SIGTERM ends it after the deployment that is under way`() async throws {
        let stage = try await stage()
        try #require(await stage.certd(["deploy"]).status == 0)
        let command = try await waitingReload(of: stage)
        let daemon = try await stage.daemon()
        try await stage.make(name, ["--generation", "2"])

        try await requireTool("cat", [command.begun.string])
        daemon.signal(SIGTERM)
        try await requireTool("sh", ["-c", "echo >\"$1\"", "sh", command.goOn.string])

        #expect(try await daemon.end() == 0)
        #expect(daemon.log.messages.contains { $0.contains("notice: deployed lineage=\(name)") })
        #expect(try await stage.stations(of: name).agree)
    }

    @Test func `a bad configuration is refused, and a good one is taken`() async throws {
        let acme = "acme.example.org"
        let stage = try await stage([acme])
        let good = try stage.scratch.read("certd.toml")
        let daemon = try await stage.daemon()
        try await daemon.log.wait(for: "notice: deployed lineage=\(name)")

        try stage.scratch.write(good + "\n[haproxi]\n", to: "certd.toml")
        daemon.signal(SIGHUP)
        try await daemon.log.wait(for: "error: configuration refused", "haproxi")
        try await stage.renews(name, generation: 2, seenBy: daemon)

        // Another client's directory, which is written in place.
        let directory = stage.scratch.file("acme").string
        try await requireTool("mkdir", [directory])
        try await MadeCertificates.lineage(acme, below: stage.scratch.file("elsewhere"), now: nil)
        func write() async throws {
            for kind in ["cert", "privkey", "chain", "fullchain"] {
                let file = "\(stage.scratch.file("elsewhere"))/live/\(acme)/\(kind).pem"
                try await requireTool("cp", ["-L", file, "\(directory)/\(kind).pem"])
            }
        }
        try await write()
        let entry = "\n[[bundle]]\nlineage = \"\(directory)\"\npath = \"\(stage.bundle(of: acme))\"\n"
        try stage.scratch.write(good + entry, to: "certd.toml")
        daemon.signal(SIGHUP)
        try await daemon.log.wait(for: "configuration read again lineages=2")
        try await daemon.log.wait(for: "notice: deployed lineage=\(directory)")
        let known = daemon.log.messages.count
        try await MadeCertificates.lineage(
            acme, below: stage.scratch.file("elsewhere"), ["--generation", "2"], now: nil)
        try await write()
        try await daemon.log.wait(for: "notice: deployed lineage=\(directory)", after: known)
        #expect(try await daemon.stop() == 0)
    }

    @Test func `a configuration is taken while certbot has no certificate yet`() async throws {
        let stage = try await Stage(lineages: [name])
        try stage.scratch.write(try stage.scratch.read("throw-away.crt"), to: "root.pem")
        let good = try stage.scratch.read("certd.toml")
        let other = good.replacing("\(stage.bundles)", with: "\(stage.scratch.file("elsewhere"))")
        try stage.scratch.write(other, to: "certd.toml")
        let daemon = try await stage.daemon()
        try await daemon.log.wait(for: "error: this host cannot be looked at")

        try stage.scratch.write(good, to: "certd.toml")
        daemon.signal(SIGHUP)
        try await daemon.log.wait(for: "configuration read again")
        try await stage.make(name)
        try await daemon.log.wait(for: "notice: deployed lineage=\(name)")
        #expect(try await stage.stations(of: name).agree)
        #expect(try await daemon.stop() == 0)
    }

    @Test(
        .enabled("strace may not attach here") { geteuid() == 0 },
        .disabled(if: Sanitizer.current == .thread, "the sanitizer has a thread that wakes ten times a second"))
    func `an idle daemon does nothing between two looks`() async throws {
        let stage = try await stage()
        let daemon = try await stage.daemon()
        try await daemon.log.wait(for: "notice: deployed lineage=\(name)")
        // libdispatch lets its threads go after some seconds without work.
        try await Task.sleep(for: .seconds(8))

        // Not where HAProxy's socket is: that directory is watched.
        let scratch = try ScratchDirectory()
        let trace = scratch.file("trace")
        _ = try await runTool("timeout", ["10", "strace", "-f", "-p", "\(daemon.pid)", "-o", trace.string])

        // Each thread goes on with the call that it was waiting in; libdispatch lies in rt_sigsuspend and epoll_wait, and
        // so does NIO. Nothing else is left out, and none of these may return.
        let calls = try text(of: trace).split(separator: "\n").map(String.init)
        let waiting = ["rt_sigsuspend(", "epoll_wait(", "futex(", "strace: Process"]
        #expect(calls.filter { call in !waiting.contains { call.contains($0) } || call.contains(" = ") } == [])
        #expect(try await daemon.stop() == 0)
    }

    /// Has HAProxy reloaded for every deployment, by a command that tells when it has begun and waits until it may go on.
    private func waitingReload(of stage: Stage) async throws -> (begun: FilePath, goOn: FilePath) {
        let pipes = (begun: stage.scratch.file("begun"), goOn: stage.scratch.file("go-on"))
        try await requireTool("mkfifo", [pipes.begun.string, pipes.goOn.string])
        let script = "echo >\(pipes.begun); read line <\(pipes.goOn); kill -USR2 \(stage.haproxy.pid)"
        let settings = "[haproxy]\nreload = \"always\"\nreload-command = [\"sh\", \"-c\", \"\(script)\"]"
        let configuration = try stage.scratch.read("certd.toml")
        try stage.scratch.write(configuration.replacing("[haproxy]", with: settings), to: "certd.toml")
        return pipes
    }

    /// Stops HAProxy's worker and renews, after which the daemon has the lock, has begun and waits for an answer.
    private func hang(_ worker: Int32, in stage: Stage) async throws {
        // A connection that HAProxy has not closed yet is no sign of the deployment that is waited for.
        while try adminConnections(of: stage) > 0 { await Task.yield() }
        kill(worker, SIGSTOP)
        try await stage.make(name, ["--generation", "2"])
        try waitForDeployment(in: stage)
    }

    /// Returns as soon as the daemon has begun to deploy.
    ///
    /// Gives the thread to nobody meanwhile: it may come back too late for what is to happen before the daemon gives HAProxy
    /// up, which is after five seconds.
    private func waitForDeployment(in stage: Stage) throws {
        while try isFree(stage.scratch.file("state/lock")) { sched_yield() }
        // With the lock alone it may end before it begins; a connection that nobody accepts tells that it has begun.
        while try adminConnections(of: stage) == 0 { sched_yield() }
    }

    /// How many connections there are to HAProxy's admin socket, accepted or not.
    private func adminConnections(of stage: Stage) throws -> Int {
        let path = stage.haproxy.socket.string
        // proc_net(5): the fourth column has __SO_ACCEPTCON for the one that listens.
        return try text(of: "/proc/net/unix").split(separator: "\n").count { line in
            line.contains(path) && !line.contains(" 00010000 ")
        }
    }
}
