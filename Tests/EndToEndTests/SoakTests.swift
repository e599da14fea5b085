internal import FoundationEssentials
internal import Glibc
internal import SystemPackage
internal import TestSupport
internal import Testing

/// The daemon at work for as long as `scripts/test --soak MINUTES` says.
@Suite(
    .enabled("only by scripts/test --soak") { Soak.minutes != nil },
    .enabled("only root may mount a file system") { await MountedDirectory.isPossible })
struct SoakTests {
    @Test(.timeLimit(.minutes(30 + (Soak.minutes ?? 0))))
    func `after hours of renewals, reloads, restarts and a full disk nothing is lost and nothing has grown`()
        async throws
    {
        let soak = try await Soak()
        let bundles = try soak.names.map { try text(of: soak.stage.bundle(of: $0)) }
        try await MountedDirectory.with(1 << 20, at: soak.stage.bundles) { disk in
            // What HAProxy was started with is below.
            for (name, bundle) in zip(soak.names, bundles) {
                try soak.stage.scratch.write(bundle, to: "certs/\(name).pem")
            }
            try await soak.run(on: disk)
        }
    }
}

/// A stage of some lineages, certbot's code that renews each, and a daemon.
struct Soak {
    static let minutes = ProcessInfo.processInfo.environment["TEST_SOAK_MINUTES"].flatMap { Int($0) }

    /// What the daemon's process holds.
    struct Sample {
        let descriptors: Int
        /// Memory that is its own, in KiB.
        let memory: Int
    }

    let names = (1...5).map { "host\($0).example.org" }
    let stage: Stage
    var certbots: [HelperProcess] = []

    init() async throws {
        stage = try await Stage(lineages: names)
        let certbot = try #require(try await CertbotStorage.installed().first)
        for name in names {
            for generation in 1...2 { try await stage.make(name, ["--generation", "\(generation)"]) }
            certbots.append(try await certbot.start(stage.letsencrypt, name))
        }
    }

    /// Works until the time is over: each round a renewal of all, and now and then what else happens to a host.
    func run(on disk: MountedDirectory) async throws {
        let daemon = try await stage.daemon()
        for name in names { try await agrees(name, daemon) }
        var haproxy = stage.haproxy
        var traffic = try await Traffic(through: stage, to: names[0])
        var samples: [Sample] = []
        var (signals, reloads, restarts, fullDisks) = (0, 0, 0, 0)
        let end = ContinuousClock.now + .seconds(60 * (Soak.minutes ?? 0))
        while ContinuousClock.now < end || samples.count < 8 {
            let round = samples.count + 1
            for certbot in certbots { _ = try await certbot.ask("renew") }
            if round % 2 == 0 {
                for _ in 0..<100 { daemon.signal(SIGHUP) }
                signals += 100
            }
            if round % 3 == 0 {
                haproxy.signal(SIGUSR2)
                reloads += 1
            }
            for name in names { try await agrees(name, daemon) }
            if round % 5 == 0 {
                let known = daemon.log.messages.count
                try await disk.fill("filler")
                for certbot in certbots { _ = try await certbot.ask("renew") }
                try await daemon.log.wait(for: "not deployed", "no space left", after: known)
                try remove(disk.path.appending("filler"))
                fullDisks += 1
                for name in names { try await agrees(name, daemon) }
            }
            try await expectSessions(of: traffic, "round \(round)")
            samples.append(try sample(daemon))
            if round % 10 == 0 {
                try await traffic.stop()
                try await haproxy.stop()
                haproxy = try await RunningHAProxy.start(in: stage.scratch, arguments: ["-W"])
                traffic = try await Traffic(through: stage, to: names[0])
                restarts += 1
            }
        }
        for name in names { try await agrees(name, daemon) }
        try await expectNothingLeft()
        let renewals = (samples.count + fullDisks) * names.count
        let deployments = daemon.log.count(of: "notice: deployed ") + daemon.log.count(of: "notice: in step again ")
        print(
            "soaked for \(Soak.minutes ?? 0) min: \(samples.count) rounds, \(renewals) renewals, \(deployments) deployments,",
            "\(signals) SIGHUPs, \(reloads) reloads, \(restarts) restarts, \(fullDisks) full disks, no session dropped")
        expectFlat(samples)
        for certbot in certbots { try await certbot.stop() }
        try await traffic.stop()
        #expect(try await daemon.stop() == 0)
        try await haproxy.stop()
    }

    /// Waits until what is served is what certbot has.
    ///
    /// HAProxy refuses connections for a while when it is reloaded, and may itself be the one that is waited for.
    private func agrees(_ name: String, _ daemon: RunningProgram) async throws {
        let start = ContinuousClock.now
        while (try? await stage.stations(of: name))?.agree != true {
            try #require(
                ContinuousClock.now - start < .seconds(180), "\(name): \(daemon.log.messages.suffix(20))")
        }
    }

    /// Both sessions are open, and still get their answers.
    private func expectSessions(of traffic: Traffic, _ comment: Comment) async throws {
        let before = try await traffic.report()
        var now = before
        while now.tcp.open, now.websocket.open,
            now.tcp.messages == before.tcp.messages || now.websocket.messages == before.websocket.messages
        {
            now = try await traffic.report()
        }
        #expect(now.tcp.open && now.websocket.open, comment)
    }

    private func sample(_ daemon: RunningProgram) throws -> Sample {
        // The process that was started is env, which has become the daemon.
        let status = try text(of: FilePath("/proc/\(daemon.pid)/status"))
        let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
        let memory = try #require(line?.split(separator: " ").dropLast().last.flatMap { Int($0) })
        return Sample(descriptors: try files(in: FilePath("/proc/\(daemon.pid)/fd")).count, memory: memory)
    }

    /// Of the four quarters the first is for warming up: the last holds no more than the second.
    private func expectFlat(_ samples: [Sample]) {
        let quarter = samples.count / 4
        func median(_ value: (Sample) -> Int, from start: Int) -> Int {
            samples[start..<(start + quarter)].map(value).sorted()[quarter / 2]
        }
        let starts = [quarter, samples.count - quarter]
        let descriptors = starts.map { median(\.descriptors, from: $0) }
        let memory = starts.map { median(\.memory, from: $0) }
        print(
            "soaked: descriptors \(descriptors[0]) in the second quarter, \(descriptors[1]) in the last; memory",
            "\(memory[0]) KiB and \(memory[1]) KiB")
        #expect(descriptors[1] <= descriptors[0] + 2)
        #expect(memory[1] <= memory[0] + memory[0] / 10)
    }

    /// No file beside the bundles, no intent, no transaction.
    private func expectNothingLeft() async throws {
        #expect(try files(in: stage.bundles) == names.map { "\($0).pem" }.sorted())
        #expect(try files(in: stage.scratch.file("state")).filter { $0.hasPrefix(".") } == [])
        let intents = try? text(of: stage.scratch.file("state/intents.json"))
        #expect(intents ?? "[]" == "[]")
        let loaded = try await stage.ask(haproxy: "show ssl cert")
        #expect(!loaded.contains("# transaction"))
        for name in names { try await expectWhole(text(of: stage.bundle(of: name))) }
        let check = try await stage.certd(["check"])
        // Of certbot's renewal files it warns, which certbot's storage code by itself does not write in full.
        #expect((check.status ?? 3) <= 1 && !check.output.contains("critical"), "\(check.output)")
    }
}
