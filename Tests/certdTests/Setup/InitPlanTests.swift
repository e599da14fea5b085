import CertKit
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// What `certd init` would change, and what it leaves to the operator.
@Suite struct InitPlanTests {
    private let program: BuiltProgram
    private var scratch: ScratchDirectory { program.scratch }
    private var deploy: FilePath { program.letsencrypt.appending("renewal-hooks/deploy") }
    private var bundle: FilePath { scratch.file("site.pem") }

    init() async throws {
        program = try await BuiltProgram(lineages: [("pbx.test", [])])
        try FileManager.default.createDirectory(atPath: deploy.string, withIntermediateDirectories: true)
        let live = program.letsencrypt.appending("live/pbx.test")
        try scratch.write(
            text(of: live.appending("fullchain.pem")) + text(of: live.appending("privkey.pem")), to: "site.pem")
        try scratch.write(cat, to: "letsencrypt/renewal-hooks/deploy/haproxy.sh", mode: .ownerReadWriteExecute)
    }

    private var cat: String {
        "cat $RENEWED_LINEAGE/fullchain.pem $RENEWED_LINEAGE/privkey.pem >\(bundle)\nsystemctl reload haproxy\n"
    }

    private func plan(certbot version: String = "2.1.0") async throws -> InitPlan {
        try scratch.write(
            "global\n  stats socket /run/s.sock level operator\nlisten x\n  bind :8443 ssl crt \(bundle)\n",
            to: "haproxy.cfg")
        let text = """
            [letsencrypt]
            directory = "\(program.letsencrypt)"
            [haproxy]
            configuration = "\(scratch.file("haproxy.cfg"))"
            [paths]
            state = "\(scratch.file("state"))"
            runtime = "\(scratch.file("run"))"

            """
        let file = try scratch.write(text, to: "certd.toml")
        let settings = try Settings.load(file: file.string, environment: [:]) { _ in Array(text.utf8) }
        let questions = HostQuestions(
            ask: { $0 == ["certbot", "--version"] ? (true, "certbot \(version)\n") : nil }, hasSystemd: { false })
        let inventory = try await Inventory(settings: settings, world: .live)
        return try await InitPlan(for: file, inventory, questions)
    }

    private func words(of plan: InitPlan) -> [String] {
        plan.steps.flatMap { (step: InitStep) -> [String] in step.lines }
    }

    @Test func `everything that is certd's to change is`() async throws {
        let plan = try await plan()
        let words = words(of: plan)
        #expect(words.first == "add to \(scratch.file("certd.toml")):")
        #expect(words.contains("  + path = \"\(bundle)\""))
        #expect(words.contains("install \(deploy.appending("certbot-deploy"))"))
        #expect(words.contains { $0.hasPrefix("put \(deploy.appending("haproxy.sh")) aside") })
        #expect(plan.facts.contains { $0.hasPrefix("certbot 2.1.0") })
    }

    @Test func `a lower socket is told with its line, since haproxy.cfg is not certd's`() async throws {
        let plan = try await plan()
        let socket = try #require(plan.byHand.first { $0.what.contains("/run/s.sock is of level operator") })
        #expect(socket.remedy.contains("line 2 in section global of \(scratch.file("haproxy.cfg"))"))
        #expect(socket.remedy.contains("    stats socket /run/s.sock mode 660 group haproxy level admin"))
    }

    @Test func `a hook that a renewal file names stays until it does not, or certbot would look for it in vain`()
        async throws
    {
        let hook = deploy.appending("haproxy.sh")
        try scratch.write(
            "[renewalparams]\nrenew_hook = \(hook)\n", to: "letsencrypt/renewal/pbx.test.conf")
        let plan = try await plan(certbot: "2.3.0")
        #expect(!words(of: plan).contains { $0.contains("aside") })
        #expect(plan.byHand.contains { $0.what.hasPrefix(hook.string) && $0.remedy.contains("certd init again") })
        #expect(plan.byHand.contains { $0.remedy.hasPrefix("certbot reconfigure --cert-name pbx.test --deploy-hook ") })
    }

    @Test func `a name that is taken already is not used for the old hook`() async throws {
        try scratch.write("older", to: "letsencrypt/renewal-hooks/deploy/haproxy.sh~")
        let plan = try await plan()
        #expect(words(of: plan).contains { $0.contains("rename it to haproxy.sh.1~") })
    }

    @Test(arguments: [
        "#!/bin/sh\ncat <<END >/dev/null\nEND\nsystemctl reload haproxy\n", "#!/usr/bin/python3\nreload('haproxy')\n",
    ])
    func `a hook that cannot be read is left and named`(script: String) async throws {
        try scratch.write(script, to: "letsencrypt/renewal-hooks/deploy/haproxy.sh", mode: .ownerReadWriteExecute)
        let plan = try await plan()
        #expect(!words(of: plan).contains { $0.contains("aside") })
        #expect(plan.byHand.contains { $0.what.contains("cannot be read") && $0.remedy.contains("less ") })
    }
}
