internal import FoundationEssentials
internal import SystemPackage
internal import TestSupport
internal import Testing

/// The daemon is killed at the calls by which it changes anything, or certbot at its own while the daemon is away: the
/// daemon's next start puts all right.
@Suite struct DaemonCrashTests {
    private let name = "pbx.example.org"

    @Test(.timeLimit(.minutes(60)))
    func `killed at any call of a deployment, its next start puts all right within one look`() async throws {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name)
        try await stage.deploys(name)
        try await stage.make(name, ["--generation", "2"])
        let sweep = try await Sweep(of: name, on: stage, command: [])
        let step = Sweep.isLong ? 1 : 5
        var call = 1
        while try await killed(at: call, in: sweep) { call += step }
        print("the daemon was killed at \((call - 1) / step) of the \(call - 1) calls of its start and a deployment")
        #expect(call > 40, "too few calls were counted to prove anything")
    }

    /// Starts the daemon with a renewal waiting, kills it at `call` and starts it again; false where it made fewer calls.
    private func killed(at call: Int, in sweep: Sweep) async throws -> Bool {
        let stage = sweep.stage
        try await sweep.goBack()
        let daemon = try await stage.startDaemon(
            sweep.faults.breaking(call, of: "certd", by: .kill, counting: .filesAndSockets))
        let isDone = (try? await daemon.log.wait(for: "notice: deployed lineage=\(name)")) != nil
        guard !isDone else {
            _ = try await daemon.stop()
            return false
        }
        #expect(try await daemon.end() == nil)
        let broken = try sweep.faults.calls().last ?? "no call"
        let comment = Comment(rawValue: "killed at \(broken)")
        _ = try await sweep.expectNothingTorn(comment)

        let again = try await stage.daemon()
        try await sweep.expectDaemonFinishes(comment)
        #expect(try await again.stop() == 0, comment)
        try await sweep.expectCheckIsContent(comment)
        return true
    }

    /// The daemon is started where certbot died. What certbot makes of it at its next start is certbot's affair; what is
    /// served is one whole generation at any moment, and the next renewal.
    @Test(.timeLimit(.minutes(60)))
    func `certbot is killed at any step of changing its links, and no two generations are ever mixed`() async throws {
        let stage = try await Stage(lineages: [name])
        var certbot = try await stage.certbot()
        try await certbot.issue([name])
        try await stage.deploys(name)
        let faults = try await Faults(in: stage.scratch)
        let environment = certbot.environment
        let watcher = Watcher(of: stage.bundle(of: name))
        let step = Sweep.isLong ? 1 : 5
        var call = 1
        while true {
            let before = try stage.linkedGenerations(of: name)
            // certbot is a script of python's.
            let kill = faults.breaking(call, of: "python3", by: .kill, counting: .files, below: "/live/\(name)/")
            certbot.environment = environment.merging(kill) { $1 }
            let isDead = (try? await certbot.renew()) == nil
            certbot.environment = environment
            guard isDead else { break }
            let comment = Comment(rawValue: "certbot killed at \(try faults.calls().last ?? "no call")")

            let daemon = try await stage.daemon()
            switch try stage.linkedGenerations(of: name) {
            case before: break
            case let now where Set(now).count == 1 && !now.contains(nil):
                try await daemon.log.wait(for: "notice: deployed lineage=\(name)")
            default: try await daemon.log.wait(for: "not deployed lineage=\(name)")
            }
            try await certbot.renew()
            try await stage.agrees(name)
            #expect(try await daemon.stop() == 0, comment)
            #expect(try files(in: stage.bundles) == ["\(name).pem"], comment)
            call += step
        }
        print("certbot was killed at \((call - 1) / step) of \(call - 1) steps")
        #expect(call > 15, "too few steps were counted to prove anything")
        let seen = watcher.stop()
        #expect(seen.count > 3)
        for bundle in seen { try await expectWhole(bundle) }
    }
}

extension Stage {
    /// The generation that each of certbot's links stands at; nil where a link is missing.
    fileprivate func linkedGenerations(of lineage: String) throws -> [Int?] {
        ["cert", "privkey", "chain", "fullchain"].map { kind in
            let link = letsencrypt.appending("live/\(lineage)/\(kind).pem").string
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: link)
            return (target?.filter(\.isNumber)).flatMap { Int($0) }
        }
    }
}
