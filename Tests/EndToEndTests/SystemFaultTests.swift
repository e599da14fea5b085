internal import SystemPackage
internal import TestSupport
internal import Testing

/// A system call fails or is the last one: any of those that a command makes, with any of the errors that a disk, a quota,
/// rights or the kernel's limits give.
@Suite(.enabled("strace is not installed") { (try? await requireTool("strace", ["-V"])) != nil })
struct SystemFaultTests {
    private let name = "pbx.example.org"

    /// What is broken, and how often; the long tests do it ten times as often.
    enum Way: Int, CaseIterable {
        case build = 65, deploy = 90, hook = 80

        var runs: Int { Sweep.isLong ? rawValue * 10 : rawValue }
    }

    @Test(.timeLimit(.minutes(Sweep.isLong ? 90 : 15)), arguments: Way.allCases)
    func `whichever system call fails, nothing is torn, certd says so, and the next run finishes`(
        way: Way
    ) async throws {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name)
        try await stage.deploys(name)
        try await stage.make(name, ["--generation", "2"])
        let sweep = try await Sweep(of: name, on: stage, command: [])
        let deployment = stage.deployment(of: name)
        let (variables, command): ([String], [String]) =
            switch way {
            case .build: ([], deployment.map { $0 == "deploy" ? "build" : $0 })
            case .deploy: ([], deployment)
            case .hook:
                (
                    ["RENEWED_LINEAGE=\(stage.letsencrypt.appending("live/\(name)"))"],
                    [stage.certd.string, "hook"] + deployment.suffix(2)
                )
            }
        try await sweep.goBack()
        let trace = stage.scratch.file("calls.trace")
        try await requireTool("env", variables + SystemFault.recording(to: trace) + command)
        let faults = SystemFault.all(of: try text(of: trace), below: stage.scratch.path)
        #expect(faults.count > 500, "too few calls were counted to prove anything")
        var struck = 0
        for fault in faults.prefix(way.runs) {
            try await sweep.goBack()
            let run = try await runTool("env", variables + fault.tracing(to: trace) + command)
            let comment = Comment(rawValue: "\(fault): \(run.output)\(run.errors)")
            if try text(of: trace).contains("(INJECTED)") || run.status == nil { struck += 1 }
            expectToldOrDone(run, fault, comment)
            _ = try await sweep.expectNothingTorn(comment)
            try await sweep.expectNextRunFinishes(comment)
        }
        print("system calls of \(way): \(way.runs) of \(faults.count) faults, \(struck) struck, all survived")
        #expect(struck > way.runs / 2, "too few struck to prove anything")
    }

    /// What fails says why.
    private func expectToldOrDone(_ run: ToolRun, _ fault: SystemFault, _ comment: Comment) {
        if run.succeeded { return }
        if fault.mayEndUntold(run.errors, with: run.status) { return }
        #expect(run.status == 1, comment)
        #expect(run.errors.contains("certd: error: "), comment)
        #expect(run.errors.contains("certd: hint: "), comment)
    }
}
