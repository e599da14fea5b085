internal import FoundationEssentials
internal import Glibc
internal import SystemPackage
internal import TestSupport
internal import Testing

/// The daemon beside a real certbot and a real HAProxy, without any hook.
@Suite(.timeLimit(.minutes(15))) struct DaemonTests {
    private let name = "pbx.example.org"

    /// A stage that serves generation 1, put there by the daemon.
    private func stage() async throws -> (Stage, RunningProgram) {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name)
        let daemon = try await stage.daemon()
        try await daemon.log.wait(for: "notice: deployed lineage=\(name)")
        return (stage, daemon)
    }

    @Test func `certbot's renewal is served without any hook`() async throws {
        let stage = try await Stage(lineages: [name])
        let certbot = try await stage.certbot()
        try await certbot.issue([name])
        let daemon = try await stage.daemon()
        try await daemon.log.wait(for: "notice: deployed lineage=\(name)")
        let before = try await stage.stations(of: name)
        let worker = try await stage.workerPID()
        let known = daemon.log.messages.count

        async let renewal = certbot.renew()
        try await daemon.log.wait(for: "notice: deployed lineage=\(name)", after: known)
        let took = Date.now.timeIntervalSince1970 - (try stage.lastLink(of: name))
        _ = try await renewal

        print("from certbot's last link to the proof on the wire: \(Int(took * 1000)) ms")
        // By its event: the next look may be a minute away. How fast is for the benchmark, on a machine that is not busy.
        #expect(took < 30)
        let after = try await stage.stations(of: name)
        #expect(after.agree && after.lineage != before.lineage)
        #expect(try await stage.workerPID() == worker)
        #expect(try await daemon.stop() == 0)
    }

    @Test func `a hook beside the daemon finds nothing left to do, or leaves nothing`() async throws {
        let (stage, daemon) = try await stage()
        try await stage.make(name, ["--generation", "2"])

        let hook = try await runTool("env", stage.hook(for: name))

        #expect(hook.succeeded, "\(hook.errors)")
        #expect(try await stage.stations(of: name).agree)
        #expect(try await daemon.stop() == 0)
    }

    @Test func `a lineage that comes is deployed, and one that goes is forgotten`() async throws {
        let names = [name, "sip.example.org"]
        let stage = try await Stage(lineages: names)
        try await stage.make(name)
        let daemon = try await stage.daemon()
        try await daemon.log.wait(for: "notice: deployed lineage=\(name)")

        try await stage.make(names[1])
        try await daemon.log.wait(for: "new lineage lineage=\(names[1])")
        try await daemon.log.wait(for: "notice: deployed lineage=\(names[1])")
        #expect(try await stage.stations(of: names[1]).agree)
        try await stage.renews(names[1], generation: 2, seenBy: daemon)

        try remove(stage.letsencrypt.appending("live/\(names[1])"))
        try await daemon.log.wait(for: "lineage gone lineage=\(names[1])")
        try await stage.renews(name, generation: 2, seenBy: daemon)
        #expect(daemon.log.messages.filter { $0.contains("error") } == [])
        #expect(try await daemon.stop() == 0)
    }

    @Test func `what happened while it was away is put right at its start`() async throws {
        let (stage, daemon) = try await stage()
        #expect(try await daemon.stop() == 0)
        // The hook never ran, and HAProxy has been started anew with the bundle from before.
        try await stage.make(name, ["--generation", "2"])
        try await stage.haproxy.stop()
        let haproxy = try await RunningHAProxy.start(in: stage.scratch, arguments: ["-W"])

        let again = try await stage.daemon()
        try await again.log.wait(for: "notice: deployed lineage=\(name)")
        #expect(try await stage.stations(of: name).agree)
        #expect(try await again.stop() == 0)
        try await haproxy.stop()
    }

    @Test func `a renewal that certbot died in is deployed once certbot has put it right`() async throws {
        let (stage, daemon) = try await stage()
        let before = try await stage.snapshot(of: name)
        try await stage.make(name, ["--generation", "2", "--archive-only"])
        for kind in ["cert", "privkey"] { try stage.link(kind, of: name, to: 2) }

        try await daemon.log.wait(for: "not deployed", "different generations")
        #expect(try await stage.snapshot(of: name).file == before.file)
        #expect(daemon.log.count(of: "not deployed") == 1)

        for kind in ["chain", "fullchain"] { try stage.link(kind, of: name, to: 2) }
        try await daemon.log.wait(for: "in step again lineage=\(name)")
        #expect(try await stage.stations(of: name).agree)
        #expect(try await daemon.stop() == 0)
    }

    @Test func `a bundle that somebody else overwrites is put right`() async throws {
        let (stage, daemon) = try await stage()
        let known = daemon.log.messages.count
        let foreign = try await TestCertificate.make("foreign", in: stage.scratch)
        _ = try await runTool("cp", [foreign.bundle.string, stage.bundle(of: name).string])

        try await daemon.log.wait(for: "notice: deployed lineage=\(name)", "stations=bundle", after: known)
        #expect(try await stage.stations(of: name).agree)
        #expect(try await daemon.stop() == 0)
    }

    @Test func `a burst of renewals is served in the end, whatever happens to HAProxy meanwhile`() async throws {
        let count = Sweep.isLong ? 100 : 12
        let names = (1...count).map { "host\($0).example.org" }
        let stage = try await Stage(lineages: names)
        for name in names { try await stage.make(name) }
        let daemon = try await stage.daemon()
        for name in names { try await daemon.log.wait(for: "notice: deployed lineage=\(name) ") }
        let watcher = Watcher(of: stage.bundle(of: names[0]))

        var haproxy = stage.haproxy
        for (index, name) in names.enumerated() {
            try await stage.make(name, ["--generation", "2"])
            if index % 4 == 1 { haproxy.signal(SIGUSR2) }
            if index % 12 == 3 {
                try await haproxy.stop()
                haproxy = try await RunningHAProxy.start(in: stage.scratch, arguments: ["-W"])
            }
        }

        for name in names { try await stage.agrees(name, within: .seconds(90)) }
        for bundle in watcher.stop() { try await expectWhole(bundle) }
        let files = try FileManager.default.contentsOfDirectory(atPath: stage.bundles.string)
        #expect(files.count == count)
        #expect(try await daemon.stop() == 0)
        try await haproxy.stop()
    }
}
