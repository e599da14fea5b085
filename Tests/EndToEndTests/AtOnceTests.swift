internal import Dispatch
internal import Glibc
internal import Synchronization
internal import SystemPackage
internal import TestSupport
internal import Testing

/// certd at work while others are: further runs of certd, certbot, and somebody who reloads HAProxy.
@Suite struct AtOnceTests {
    private let name = "pbx.example.org"

    /// A stage that serves generation 1.
    private func stage() async throws -> Stage {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name)
        try await stage.deploys(name)
        return stage
    }

    @Test func `of several runs one does the work, and the others find nothing to do`() async throws {
        let stage = try await stage()
        try await stage.make(name, ["--generation", "2"])

        async let first = stage.certd(["deploy", name])
        async let second = stage.certd(["deploy"])
        async let hook = runTool("env", stage.hook(for: name))
        let runs = try await [first, second, hook]

        for run in runs { #expect(run.succeeded, "\(run.errors)") }
        #expect(runs.count { $0.output.contains(": deployed ") } == 1)
        #expect(runs.count { $0.output.contains("nothing to do") } == 2)
        #expect(try await stage.stations(of: name).agree)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a lineage whose links certbot is changing is deployed once they stand`() async throws {
        let stage = try await stage()
        try await stage.make(name, ["--generation", "2", "--archive-only"])
        for kind in ["cert", "privkey"] { try stage.link(kind, of: name, to: 2) }

        async let deployment = stage.certd(["deploy", name])
        // certd looks at the links once it has its lock.
        while try isFree(stage.scratch.file("state/lock")) { await Task.yield() }
        for kind in ["chain", "fullchain"] { try stage.link(kind, of: name, to: 2) }

        let run = try await deployment
        #expect(run.succeeded, "\(run.errors)")
        #expect(try await stage.stations(of: name).agree)
    }

    @Test(.timeLimit(.minutes(5)))
    func `while HAProxy is reloaded and restarted all the time, no bundle is torn, and the last run catches up`()
        async throws
    {
        let stage = try await stage()
        let watcher = Watcher(of: stage.bundle(of: name))
        let isOver = Flag()
        let disturbance = Task { try await disturb(stage, until: isOver) }

        for generation in 2...21 {
            try await stage.make(name, ["--generation", "\(generation)"])
            // It may give up, where HAProxy was reloaded again and again, but then it says so.
            let run = try await stage.certd(["deploy", name])
            if !run.succeeded { #expect(run.errors.contains("certd: hint: "), "\(run.errors)") }
        }
        isOver.set()
        let (haproxy, reloads) = try await disturbance.value
        #expect(reloads > 5, "HAProxy was left alone")

        try await stage.deploys(name)
        let seen = watcher.stop()
        #expect(seen.count > 5)
        for bundle in seen { try await expectWhole(bundle) }
        try await haproxy.stop()
    }

    /// Reloads HAProxy again and again, mostly as soon as the worker before has been replaced, and restarts it every fifth time; gives the
    /// HAProxy that runs in the end and how often it was reloaded.
    private func disturb(_ stage: Stage, until isOver: Flag) async throws -> (RunningHAProxy, reloads: Int) {
        var haproxy = stage.haproxy
        var reloads = 0
        while !isOver.isSet {
            if reloads % 5 == 4 {
                try await haproxy.stop()
                haproxy = try await RunningHAProxy.start(in: stage.scratch, arguments: ["-W"])
            }
            let worker = try? await stage.workerPID()
            haproxy.signal(SIGUSR2)
            // A master that is just starting anew misses the signal; nothing tells of that, so it gets another.
            let patience = ContinuousClock.now + .milliseconds(500)
            while ContinuousClock.now < patience {
                if let now = try? await stage.workerPID(), now != worker { break }
            }
            reloads += 1
        }
        return (haproxy, reloads)
    }
}
