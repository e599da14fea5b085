internal import SystemPackage
internal import TestSupport
internal import Testing

/// The daemon at work while certbot's own code renews as fast as it can.
@Suite(.enabled("certbot's code is not installed") { try await !CertbotStorage.installed().isEmpty })
struct RaceTests {
    private let name = "pbx.example.org"

    @Test(.timeLimit(.minutes(Sweep.isLong ? 60 : 5)))
    func `whatever the daemon makes of renewals without a pause is whole, and the last one is served`() async throws {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name)
        let daemon = try await stage.daemon()
        try await daemon.log.wait(for: "notice: deployed lineage=\(name)")
        try await stage.renews(name, generation: 2, seenBy: daemon)
        let watcher = Watcher(of: stage.bundle(of: name))
        let certbots = try await CertbotStorage.installed()
        let renewals = (Sweep.isLong ? 1_000 : 40) / certbots.count
        for certbot in certbots {
            let storage = try await certbot.start(stage.letsencrypt, name)
            for _ in 0..<renewals { _ = try await storage.ask("renew") }
            try await storage.stop()
            try await stage.agrees(name)
        }
        let bundles = watcher.stop()
        #expect(bundles.count > 1)
        for bundle in bundles { try await expectWhole(bundle) }
        let troubles = daemon.log.messages.filter { !$0.hasPrefix("certd: notice: ") }
        #expect(troubles == [])
        let deployed = daemon.log.count(of: "notice: deployed lineage=\(name)") - 2
        print("raced \(renewals * certbots.count) renewals beside the daemon: \(deployed) deployments, 0 torn")
        #expect(try await daemon.stop() == 0)
    }
}
