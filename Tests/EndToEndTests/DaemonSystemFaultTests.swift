internal import Glibc
internal import SystemPackage
internal import TestSupport
internal import Testing

/// A system call of the daemon fails or is the last one, while it starts and deploys a renewal that waits for it.
@Suite(.enabled("strace is not installed") { (try? await requireTool("strace", ["-V"])) != nil })
struct DaemonSystemFaultTests {
    private let name = "pbx.example.org"

    @Test(.enabled("a minute for each fault that the daemon waits out", { Sweep.isLong }), .timeLimit(.minutes(90)))
    func `whichever system call of the daemon fails, it puts all right afterwards, or says why it ends`() async throws {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name)
        try await stage.deploys(name)
        try await stage.make(name, ["--generation", "2"])
        let sweep = try await Sweep(of: name, on: stage, command: [])
        let trace = stage.scratch.file("calls.trace")
        let faults = try await faults(in: sweep, tracing: trace)
        #expect(faults.count > 500, "too few calls were counted to prove anything")
        let runs = 200
        var struck = 0
        var ended = 0
        for fault in faults.prefix(runs) {
            try await sweep.goBack()
            let daemon = try await stage.startDaemon(under: fault.tracing(to: trace, inBackground: true))
            if try await hasEnded(daemon, by: fault, in: sweep) {
                ended += 1
                try await expectNextStartFinishes(after: fault, in: sweep)
            }
            try await sweep.expectCheckIsContent("\(fault)")
            if fault.error == nil ? try await daemon.end() == nil : try text(of: trace).contains("(INJECTED)") {
                struck += 1
            }
        }
        let figures = "\(runs) of \(faults.count) faults, \(struck) struck, \(ended) ended it"
        print("system calls of the daemon: \(figures), all survived")
        #expect(struck > runs / 2, "too few struck to prove anything")
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["EIO", "EMFILE", "ENOMEM"])
    func `a configuration that cannot be read just now is worth another start`(error: String) async throws {
        let stage = try await Stage(lineages: [name])
        let configuration = stage.scratch.file("certd.toml").string
        let run = try await runTool(
            "env",
            straceCommand + [
                "-f", "-qq", "-o", "/dev/null", "-P", configuration, "-e", "inject=openat:error=\(error)",
                stage.certd.string, "run", "--config", configuration,
            ])
        #expect(run.status == 1)
        #expect(run.errors.contains("certd: error: the configuration cannot be read: \(configuration)"))
    }

    /// The faults of a daemon that starts, deploys and ends.
    ///
    /// What it says is what is waited for, so that is not silenced.
    private func faults(in sweep: Sweep, tracing trace: FilePath) async throws -> [SystemFault] {
        try await sweep.goBack()
        let daemon = try await sweep.stage.startDaemon(under: SystemFault.recording(to: trace) + ["-D"])
        try await daemon.log.wait(for: "notice: deployed lineage=\(name)")
        #expect(try await daemon.stop() == 0)
        return SystemFault.all(of: try text(of: trace), below: sweep.stage.scratch.path).filter { $0.call != "write" }
    }

    /// Whether the daemon ended by a fault, for which it had a reason; otherwise it puts all right once the fault is gone.
    private func hasEnded(_ daemon: RunningProgram, by fault: SystemFault, in sweep: Sweep) async throws -> Bool {
        // Nothing that is waited for here takes a daemon at work longer than a look; one that hangs fails by this.
        let guardian = Task {
            try await Task.sleep(for: .seconds(300))
            daemon.signal(SIGKILL)
        }
        defer { guardian.cancel() }
        func comment() -> Comment { "\(fault): \(daemon.log.messages)" }
        let done = "notice: deployed lineage=\(name)"
        do {
            try await daemon.log.wait(forAnyOf: done, "certd: error: ", "certd: warning: ")
            // strace counts by the thread, and each try may be a new one's: without an end to it each would fail.
            try await endTrace(of: daemon)
            // The latter where all was done but for the last step, which failed.
            try await daemon.log.wait(forAnyOf: done, "notice: in step again lineage=\(name)")
        } catch is ToolFailure {
            let status = try await daemon.end()
            _ = try await sweep.expectNothingTorn(comment())
            let errors = daemon.log.messages.joined(separator: "\n")
            if fault.mayEndUntold(errors, with: status) { return true }
            // By 2 a supervisor is told that the configuration is at fault and no start will help.
            #expect(status == 1, comment())
            #expect(errors.contains("certd: error: ") && errors.contains("certd: hint: "), comment())
            #expect(!errors.contains("notice: watching"), "only what cannot start ends: \(comment().rawValue)")
            return true
        }
        _ = try await sweep.expectNothingTorn(comment())
        try await sweep.expectDaemonFinishes(comment())
        #expect(try await daemon.stop() == 0, comment())
        return false
    }

    /// Takes strace off a daemon, if it still is there.
    private func endTrace(of daemon: RunningProgram) async throws {
        func tracer() -> (pid: Int32, isLeft: Bool)? {
            let status = try? text(of: FilePath("/proc/\(daemon.pid)/status"))
            let lines = status?.split(separator: "\n") ?? []
            let line = lines.first { $0.hasPrefix("TracerPid:") }
            guard let pid = line?.split(separator: "\t").last.flatMap({ Int32($0) }), pid != 0 else { return nil }
            return (pid, lines.contains { $0.hasPrefix("State:\tZ") })
        }
        if let tracer = tracer() { kill(tracer.pid, SIGTERM) }
        while let tracer = tracer() {
            // strace 6.1 may miss a thread that begins while the program ends; then both wait for each other for ever.
            if tracer.isLeft { kill(tracer.pid, SIGKILL) }
            await Task.yield()
        }
    }

    private func expectNextStartFinishes(after fault: SystemFault, in sweep: Sweep) async throws {
        let daemon = try await sweep.stage.daemon()
        try await sweep.expectDaemonFinishes("\(fault), then started again: \(daemon.log.messages)")
        #expect(try await daemon.stop() == 0)
    }
}
