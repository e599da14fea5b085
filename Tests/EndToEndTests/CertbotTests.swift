internal import SystemPackage
internal import Testing
internal import TestSupport

/// Real renewals: Debian's certbot, pebble, HAProxy and certd's hooks as they are installed.
@Suite struct CertbotTests {
    private let name = "pbx.example.org"

    @Test func `the first certificate is deployed by the hook named at its issue`() async throws {
        let stage = try await Stage(lineages: [name])
        let worker = try await stage.workerPID()
        let hook = try stage.install(hook: "certbot-deploy", as: "deploy")

        try await stage.certbot().issue([name], ["--deploy-hook", hook.string])

        #expect(try await stage.stations(of: name).agree)
        #expect(try await stage.workerPID() == worker)
        #expect(try stage.attributes(of: name).mode == 0o600)
    }

    @Test(arguments: [["--key-type", "ecdsa"], ["--key-type", "rsa"], ["--reuse-key"]])
    func `a renewal is served by the same worker, and no client notices`(options: [String]) async throws {
        let stage = try await Stage(lineages: [name])
        let hook = try stage.install(hook: "certbot-deploy", as: "deploy")
        let certbot = try await stage.certbot()
        try await certbot.issue([name], ["--deploy-hook", hook.string] + options)
        let before = try await stage.stations(of: name)
        let worker = try await stage.workerPID()
        let traffic = try await Traffic(through: stage, to: name)

        try await certbot.renew()

        let after = try await stage.stations(of: name)
        #expect(after.agree)
        #expect(after.lineage != before.lineage)
        #expect(try await stage.workerPID() == worker)
        #expect(try stage.attributes(of: name).mode == 0o600)
        let report = try await traffic.report()
        #expect(report.tcp.open)
        #expect(report.websocket.open)
        #expect(report.requests.failed == 0)
        #expect(report.certificates.count == 2, "the old certificate, then the new one, never another")
    }

    @Test func `one that certbot deletes is served on, told of, and forgotten when nobody needs it`() async throws {
        let stage = try await Stage(lineages: [name])
        let hook = try stage.install(hook: "certbot-deploy", as: "deploy")
        let certbot = try await stage.certbot()
        try await certbot.issue([name], ["--deploy-hook", hook.string])
        let before = try await stage.bundleLeaf(of: name)

        try await certbot.delete(name)

        let check = try await stage.certd(["check"])
        #expect(check.status == 1 && check.output.contains("certbot has deleted it"), "\(check.output)")
        let refused = try await stage.certd(["forget", name])
        #expect(refused.status == 1 && refused.errors.contains("would not start without"), "\(refused.errors)")
        #expect(try await stage.bundleLeaf(of: name) == before)
    }

    @Test func `two lineages renewed in one run are both served`() async throws {
        let names = [name, "sip.example.org"]
        let stage = try await Stage(lineages: names)
        let hook = try stage.install(hook: "certbot-deploy", as: "deploy")
        let certbot = try await stage.certbot()
        var before: [Stations] = []
        for name in names {
            try await certbot.issue([name], ["--deploy-hook", hook.string])
            before.append(try await stage.stations(of: name))
        }
        let worker = try await stage.workerPID()

        try await certbot.renew()

        for (name, before) in zip(names, before) {
            let after = try await stage.stations(of: name)
            #expect(after.agree)
            #expect(after.lineage != before.lineage)
        }
        #expect(try await stage.workerPID() == worker)
    }

    @Test func `the post hook deploys what no deploy hook did`() async throws {
        let names = [name, "sip.example.org"]
        let stage = try await Stage(lineages: names)
        let certbot = try await stage.certbot()
        for name in names { try await certbot.issue([name]) }
        try stage.install(hook: "certbot-post", as: "post")

        try await certbot.renew()

        for name in names { #expect(try await stage.stations(of: name).agree) }
    }

    @Test func `a dry run of certbot changes nothing`() async throws {
        let stage = try await Stage(lineages: [name])
        let certbot = try await stage.certbot()
        try await certbot.issue([name], ["--deploy-hook", stage.install(hook: "certbot-deploy", as: "deploy").string])
        try stage.install(hook: "certbot-post", as: "post")
        #expect(try await stage.stations(of: name).agree)
        let before = try await stage.snapshot(of: name)

        try await certbot.renew(["--dry-run"])

        #expect(try await stage.snapshot(of: name) == before)
    }
}
