internal import Glibc
internal import SystemPackage
internal import TestSupport
internal import Testing

/// What keeps the daemon from starting, and what its supervisor learns of it.
@Suite(.timeLimit(.minutes(5))) struct DaemonStartTests {
    private let name = "pbx.example.org"

    @Test func `a configuration that it cannot begin with is worth no second start`() async throws {
        let stage = try await Stage(lineages: [name])
        try stage.scratch.write("[haproxi]\n", to: "certd.toml")
        let run = try await stage.certd(["run"])
        #expect(run.status == 2)
        #expect(run.output.isEmpty && run.errors.contains("certd: error: unknown key haproxi"))
    }

    @Test func `a second daemon names the first, and one that cannot be reached says why, and neither does anything`()
        async throws
    {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name)
        let daemon = try await stage.daemon()
        try await daemon.log.wait(for: "notice: deployed lineage=\(name)")
        let second = try await stage.certd(["run"])
        #expect(second.status == 1)
        #expect(second.errors.contains("certd: error: another daemon is running: process \(daemon.pid) "))
        #expect(!second.errors.contains("notice: "), "\(second.errors)")
        #expect(try await daemon.stop() == 0)

        let nowhere = stage.scratch.file(String(repeating: "x", count: 100))
        let good = try stage.scratch.read("certd.toml")
        try stage.scratch.write(good.replacing("\(stage.scratch.file("run"))", with: "\(nowhere)"), to: "certd.toml")
        let third = try await stage.certd(["run"])
        #expect(third.status == 1)
        #expect(third.errors.contains("certd: error: \(nowhere)") && third.errors.contains("certd: hint: "))
        #expect(!third.errors.contains("notice: "), "\(third.errors)")
    }

    @Test(.enabled("strace is not installed") { (try? await requireTool("strace", ["-V"])) != nil })
    func `where the kernel gives too little to wait with, it ends, or works and hears SIGTERM`() async throws {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name)
        let trace = stage.scratch.file("calls.trace")
        var struck = 0
        for call in ["epoll_create1", "epoll_ctl", "eventfd2", "timerfd_create", "timerfd_settime"] {
            for number in 1...6 {
                let fault = SystemFault(call: call, path: nil, number: number, error: "ENOMEM")
                let daemon = try await stage.startDaemon(under: fault.tracing(to: trace, inBackground: true))
                // Where it never does, it has ended.
                _ = try? await daemon.log.wait(for: "notice: watching")
                daemon.signal(SIGTERM)
                let status = try await daemon.end()
                guard try text(of: trace).contains("(INJECTED)") else { break }
                struck += 1
                let errors = daemon.log.messages.joined(separator: "\n")
                switch status {
                case 0: break
                case 1:
                    #expect(
                        errors.contains("certd: error: ") && errors.contains("certd: hint: "), "\(fault): \(errors)")
                default: #expect(status == nil && fault.isOfEventLoop, "\(fault): \(errors)")
                }
            }
        }
        #expect(struck > 5, "too few struck to prove anything")
    }
}
