import CertKit
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// The changes of `certd init` are all made, or none is.
@Suite struct InitRunTests {
    private let scratch: ScratchDirectory
    private let steps: [InitStep]
    private let old: OldHook
    private let nobody = HostQuestions(ask: { _ in nil }, hasSystemd: { false })

    init() async throws {
        scratch = try ScratchDirectory()
        let silent = try scratch.write("#!/bin/sh\n", to: "silent", mode: .ownerReadWrite)
        let path = try scratch.write("systemctl reload haproxy\n", to: "old", mode: .ownerReadWriteExecute)
        let bundle = try scratch.write("key", to: "bundle.pem")
        try await requireTool("chmod", ["604", bundle.string])
        let deeds = HookDeeds(tellsHAProxy: true)
        let hook = CertbotHook(place: .file(path), kind: .deploy, command: nil, deeds: deeds)
        old = try #require(OldHook(hook, lineages: [], in: "/live", loadedBy: nil))
        steps = [
            .install(.deploy, scratch.file("letsencrypt/renewal-hooks/deploy/certbot-deploy")), .enable(silent),
            .close(try #require(KeyExposure(of: bundle, readFile(at: bundle).identity))),
            .putAside(old, path, as: scratch.file("old~")),
        ]
    }

    /// Names and modes.
    private func state() async throws -> [String] {
        try await requireTool("find", [scratch.path.string, "-mindepth", "1", "-printf", "%P %m\n"])
            .split(separator: "\n").map(String.init).sorted()
    }

    @Test func `all steps are made`() async throws {
        try await InitRun(steps: steps, questions: nobody).run()
        #expect(
            try await state() == [
                "bundle.pem 600", "letsencrypt 755", "letsencrypt/renewal-hooks 755",
                "letsencrypt/renewal-hooks/deploy 755",
                "letsencrypt/renewal-hooks/deploy/certbot-deploy 755", "old~ 700", "silent 711",
            ])
    }

    @Test func `where the last one fails, those before it are taken back`() async throws {
        let before = try await state()
        // It has been renamed already.
        let impossible = InitStep.putAside(old, scratch.file("old"), as: scratch.file("old.1~"))
        await #expect(throws: InitError.refused("rename it", scratch.file("old"), .noSuchFileOrDirectory)) {
            try await InitRun(steps: steps + [impossible], questions: nobody).run()
        }
        #expect(try await state() == before)
    }

    @Test func `what has the new name is never replaced`() async throws {
        try scratch.write("another", to: "old~")
        let before = try await state()
        await #expect(throws: InitError.refused("rename it", scratch.file("old"), .fileExists)) {
            try await InitRun(steps: steps, questions: nobody).run()
        }
        #expect(try await state() == before)
        #expect(try scratch.read("old~") == "another")
    }

    @Test func `a daemon that cannot be told takes the rest back too`() async throws {
        let before = try await state()
        let settings = try Settings.load(file: "certd.toml", environment: [:]) { _ in [] }
        await #expect(throws: InitError.daemonNotTold) {
            try await InitRun(steps: steps + [.tellDaemon(settings)], questions: nobody).run()
        }
        #expect(try await state() == before)
    }
}
