internal import FoundationEssentials
internal import Glibc
internal import SystemPackage
internal import TestSupport
internal import Testing

/// What the daemon stands on goes away and comes back: it needs no restart.
@Suite(.timeLimit(.minutes(5))) struct DaemonTroubleTests {
    private let name = "pbx.example.org"

    /// A stage that serves generation 1, put there by the daemon.
    private func stage() async throws -> (Stage, RunningProgram) {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name)
        let daemon = try await stage.daemon()
        try await daemon.log.wait(for: "notice: deployed lineage=\(name)")
        return (stage, daemon)
    }

    @Test func `HAProxy is stopped, a renewal comes, and HAProxy is started again`() async throws {
        let (stage, daemon) = try await stage()
        let known = daemon.log.messages.count
        try await stage.haproxy.stop()
        try await stage.make(name, ["--generation", "2"])
        try await daemon.log.wait(for: "notice: deployed lineage=\(name)", "stations=bundle", after: known)
        try await daemon.log.wait(for: "warning: haproxy-unreachable", after: known)

        let haproxy = try await RunningHAProxy.start(in: stage.scratch, arguments: ["-W"])
        try await daemon.log.wait(for: "HAProxy is another process", after: known)
        #expect(try await stage.stations(of: name).agree)
        try await stage.renews(name, generation: 3, seenBy: daemon)
        #expect(try await daemon.stop() == 0)
        try await haproxy.stop()
    }

    @Test func `HAProxy hangs while many renewals come: it is asked once, not for each of them`() async throws {
        let names = (1...6).map { "host\($0).example.org" }
        let stage = try await Stage(lineages: names)
        for name in names { try await stage.make(name) }
        let daemon = try await stage.daemon()
        for name in names { try await daemon.log.wait(for: "notice: deployed lineage=\(name) ") }
        let known = daemon.log.messages.count
        let worker = try #require(try await stage.workerPID().flatMap { Int32($0) })

        kill(worker, SIGSTOP)
        for name in names { try await stage.make(name, ["--generation", "2"]) }
        try await daemon.log.wait(for: "error: HAProxy does not answer", after: known)
        kill(worker, SIGCONT)

        for name in names { try await stage.agrees(name, within: .seconds(90)) }
        try await daemon.log.wait(for: "notice: HAProxy answers again", after: known)
        #expect(daemon.log.count(of: "HAProxy does not answer") == 1)
        #expect(daemon.log.count(of: "not deployed") <= 1)
        #expect(try await daemon.stop() == 0)
    }

    @Test func `what a killed run has left beside a bundle is gone after the daemon's start`() async throws {
        let (stage, daemon) = try await stage()
        #expect(try await daemon.stop() == 0)
        try stage.scratch.write("half a key", to: "certs/.\(name).pem.certd-new-1")

        let again = try await stage.daemon()
        while try files(in: stage.bundles) != ["\(name).pem"] { await Task.yield() }
        #expect(try await again.stop() == 0)
    }

    @Test func `HAProxy is started again with an older bundle`() async throws {
        let (stage, daemon) = try await stage()
        let old = try text(of: stage.bundle(of: name))
        try await stage.renews(name, generation: 2, seenBy: daemon)
        let known = daemon.log.messages.count
        try await stage.haproxy.stop()
        try stage.scratch.write(old, to: "certs/\(name).pem")
        let haproxy = try await RunningHAProxy.start(in: stage.scratch, arguments: ["-W"])

        try await daemon.log.wait(for: "notice: deployed lineage=\(name)", after: known)
        try await stage.agrees(name)
        #expect(try await daemon.stop() == 0)
        try await haproxy.stop()
    }

    @Test func `certbot's directory goes away and comes back`() async throws {
        let (stage, daemon) = try await stage()
        let live = stage.letsencrypt.appending("live").string
        let known = daemon.log.messages.count

        try FileManager.default.moveItem(atPath: live, toPath: live + "-elsewhere")
        try await daemon.log.wait(for: "error: this host cannot be looked at", live, after: known)
        try FileManager.default.moveItem(atPath: live + "-elsewhere", toPath: live)
        try await daemon.log.wait(for: "the lineages can be seen again", after: known)

        #expect(daemon.log.count(of: "not deployed") == 0)
        try await stage.renews(name, generation: 2, seenBy: daemon)
        #expect(try await daemon.stop() == 0)
    }

    /// The mount lives on elsewhere, so that no event tells of its end here: the look finds it, a minute later.
    @Test(
        .enabled("only in the long run, because it takes a minute") { Sweep.isLong },
        .enabled("only root may mount a file system") { await MountedDirectory.isPossible })
    func `certbot's directory is unmounted and mounted again`() async throws {
        let stage = try await Stage(lineages: [name])
        try FileManager.default.createDirectory(
            atPath: stage.letsencrypt.string, withIntermediateDirectories: false)
        let other = stage.scratch.file("other").string
        try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: false)
        try await MountedDirectory.with(1 << 20, at: stage.letsencrypt) { _ in
            try await stage.make(name)
            let daemon = try await stage.daemon()
            try await daemon.log.wait(for: "notice: deployed lineage=\(name)")
            let known = daemon.log.messages.count

            try await requireTool("mount", ["--bind", stage.letsencrypt.string, other])
            try await requireTool("umount", [stage.letsencrypt.string])
            try await daemon.log.wait(for: "error: this host cannot be looked at", after: known)
            try await requireTool("mount", ["--bind", other, stage.letsencrypt.string])
            try await daemon.log.wait(for: "the lineages can be seen again", after: known)
            try await stage.renews(name, generation: 2, seenBy: daemon)
            #expect(try await daemon.stop() == 0)
            try await requireTool("umount", [other])
        }
    }

    @Test(.enabled("only root may mount a file system") { await MountedDirectory.isPossible })
    func `the disk is full, and has room again`() async throws {
        let (stage, daemon) = try await stage()
        let bundle = try text(of: stage.bundle(of: name))
        try await MountedDirectory.with(64 << 10, at: stage.bundles) { disk in
            try stage.scratch.write(bundle, to: "certs/\(name).pem")
            try await disk.fill("filler")
            let before = try await stage.snapshot(of: name)
            try await stage.make(name, ["--generation", "2"])
            try await daemon.log.wait(for: "not deployed", "no space left")
            #expect(try await stage.snapshot(of: name) == before)

            try remove(stage.bundles.appending("filler"))
            try await daemon.log.wait(for: "in step again lineage=\(name)")
            #expect(try await stage.stations(of: name).agree)
            #expect(try await daemon.stop() == 0)
        }
    }

    @Test func `a clock that is wrong for a while does no harm`() async throws {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name)
        let clock = try stage.scratch.write("0", to: "clock")
        let daemon = try await stage.daemon(try await Faults(in: stage.scratch).clock(aheadBy: clock))
        try await daemon.log.wait(for: "notice: deployed lineage=\(name)")

        // Ahead, but the certificates are valid still.
        try stage.scratch.write("864000", to: "clock")
        try await stage.renews(name, generation: 2, seenBy: daemon)
        // Behind: the new certificate seems not to be valid yet, and stays where it is.
        try stage.scratch.write("-25920000", to: "clock")
        let before = try await stage.snapshot(of: name)
        try await stage.make(name, ["--generation", "3"])
        try await daemon.log.wait(for: "not deployed lineage=\(name)", "not-yet-valid")
        #expect(try await stage.snapshot(of: name) == before)

        let known = daemon.log.messages.count
        try stage.scratch.write("0", to: "clock")
        try await daemon.log.wait(for: "in step again lineage=\(name)", after: known)
        #expect(try await stage.stations(of: name).agree)
        #expect(try await daemon.stop() == 0)
    }

    /// live, renewal, certbot's directory and the like can be watched, and one lineage of the two; or nothing at all.
    @Test(.timeLimit(.minutes(3)), arguments: [6, 0])
    func `with too few inotify watches it polls, and says so`(count: Int) async throws {
        let names = [name, "sip.example.org"]
        let stage = try await Stage(lineages: names)
        for name in names { try await stage.make(name) }
        let faults = try await Faults(in: stage.scratch)
        let daemon = try await stage.daemon(faults.watches(atMost: count))
        try await daemon.log.wait(for: "warning: no events for each lineage", "max_user_watches")
        for name in names { try await daemon.log.wait(for: "notice: deployed lineage=\(name)") }

        for name in names { try await stage.renews(name, generation: 2, seenBy: daemon) }
        #expect(try await daemon.stop() == 0)
    }

    @Test func `what is in step when it begins to poll is no renewal`() async throws {
        let names = [name, "sip.example.org"]
        let stage = try await Stage(lineages: names)
        for name in names { try await stage.make(name) }
        let faults = try await Faults(in: stage.scratch)
        let watches = faults.watches(atMost: 6)
        let first = try await stage.daemon(watches)
        for name in names { try await first.log.wait(for: "notice: deployed lineage=\(name)") }
        #expect(try await first.stop() == 0)

        let calls = stage.scratch.file("calls")
        // Beside it, so that the daemon is the process that is told to stop.
        let tracer = ["strace", "-D", "-f", "-e", "trace=connect", "-o", calls.string]
        let daemon = try await stage.daemon(watches, under: tracer)
        try await daemon.log.wait(for: "warning: no events for each lineage", "max_user_watches")
        try await stage.renews(name, generation: 2, seenBy: daemon)

        // One before and one after on each of the two addresses, of the lineage that was renewed.
        let handshakes = try stage.scratch.read("calls").split(separator: "\n").filter {
            $0.contains("AF_INET") && !$0.contains("resumed>")
        }
        #expect(handshakes.count == 4, "\(handshakes)")
        #expect(try await daemon.stop() == 0)
    }
}
