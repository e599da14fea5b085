internal import FoundationEssentials
internal import SystemPackage
internal import TestSupport
internal import Testing

@testable internal import certd

/// A whole set-up with real HAProxy, looked at by `certd doctor`, and with one thing broken at a time.
///
/// What systemd tells depends on the machine that the tests run on, so its points are left out.
@Suite struct DoctorTests {
    private let name = "pbx.example.org"
    private let hostsOwn: Set = ["units", "daemon", "reload"]

    private func soundStage() async throws -> Stage {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name)
        try stage.install(hook: "certbot-deploy", as: "deploy")
        try stage.install(hook: "certbot-post", as: "post")
        let run = try await stage.certd(["deploy"])
        try #require(run.succeeded, "\(run.errors)")
        return stage
    }

    private func points(of stage: Stage) async throws -> [SetupPoint] {
        let run = try await stage.certd(["doctor", "--json"])
        let report = try JSONDecoder().decode(DoctorReport.self, from: Data(run.output.utf8))
        #expect(run.status == (report.state == .problem ? 1 : 0))
        return report.points.filter { !hostsOwn.contains($0.point) }
    }

    @Test func `a sound set-up has nothing to mend`() async throws {
        let stage = try await soundStage()
        let points = try await points(of: stage)
        #expect(points.filter { $0.state != .ok } == [])
        #expect(
            Set(points.map(\.point)).isSuperset(of: [
                "admin-socket", "hook", "old-hook", "loaded-paths", "disk", "clock",
            ]))
        let text = try await stage.certd(["doctor"]).output
        #expect(text.contains("ok       admin-socket"))
        #expect(text.split(separator: "\n").last?.contains(" points: ") == true)
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let point: String
        var state = SetupPoint.Verdict.problem
        let message: String
        let remedy: String
        let make: @Sendable (Stage) async throws -> Void
    }

    static let faults: [Fault] = [
        Fault(testDescription: "a hook is missing", point: "hook", message: "not there", remedy: "certd init") {
            try remove($0.letsencrypt.appending("renewal-hooks/deploy/certbot-deploy"))
        },
        Fault(testDescription: "a hook is not executable", point: "hook", message: "not executable", remedy: "chmod +x")
        {
            try await requireTool("chmod", ["-x", $0.letsencrypt.appending("renewal-hooks/post/certbot-post").string])
        },
        Fault(
            testDescription: "somebody else's hook has the name", point: "hook", message: "does not run certd",
            remedy: "certd init"
        ) {
            try $0.scratch.write(
                "#!/bin/sh\nexit 0\n", to: "letsencrypt/renewal-hooks/post/certbot-post", mode: .ownerReadWriteExecute)
        },
        Fault(
            testDescription: "the old hook is still there", point: "old-hook", message: "writes", remedy: "certd init"
        ) {
            try $0.scratch.write(
                "cat $RENEWED_LINEAGE/fullchain.pem $RENEWED_LINEAGE/privkey.pem >\($0.bundle(of: "pbx.example.org"))\n",
                to: "letsencrypt/renewal-hooks/deploy/haproxy", mode: .ownerReadWriteExecute)
        },
        Fault(
            testDescription: "the socket's level is too low", point: "admin-socket", message: "level does not allow",
            remedy: "level admin"
        ) {
            try $0.edit("sockets = [", to: "sockets = [\"\($0.operatorSocket)\", ")
        },
        Fault(
            testDescription: "HAProxy has no socket there", point: "admin-socket", message: "no HAProxy socket",
            remedy: "stats socket"
        ) {
            try $0.edit("sockets = [", to: "sockets = [\"\($0.scratch.file("none.sock"))\", ")
        },
        Fault(
            testDescription: "everybody may read the bundle", point: "bundles", state: .warning, message: "everybody",
            remedy: "chmod 0600"
        ) {
            try await requireTool("chmod", ["644", $0.bundle(of: "pbx.example.org").string])
        },
        Fault(
            testDescription: "everybody may write the directory", point: "bundle-directory",
            message: "not a safe place", remedy: "chmod go-w"
        ) {
            try await requireTool("chmod", ["777", $0.bundles.string])
        },
        Fault(
            testDescription: "everybody may write the configuration", point: "configuration",
            message: "others than root", remedy: "chmod 0644"
        ) {
            try await requireTool("chmod", ["666", $0.scratch.file("certd.toml").string])
        },
        Fault(
            testDescription: "haproxy.cfg names a file that is not there", point: "loaded-paths", message: "not there",
            remedy: "haproxy.cfg"
        ) {
            try $0.configureHAProxy("listen more\n  bind \($0.address):8445 ssl crt \($0.scratch.file("gone.pem"))\n")
        },
        Fault(
            testDescription: "HAProxy would not start again", point: "haproxy", message: "not start again",
            remedy: "haproxy -c"
        ) {
            try $0.configureHAProxy("listen more\n  bind nonsense\n")
        },
        Fault(
            testDescription: "a key of the configuration is unknown", point: "configuration", message: "unknown key",
            remedy: "haproxy.sockets"
        ) {
            try $0.edit("sockets", to: "sokcets")
        },
    ]

    @Test(arguments: faults)
    func `what is broken is named with a remedy`(fault: Fault) async throws {
        let stage = try await soundStage()
        try await fault.make(stage)
        let points = try await points(of: stage).filter { $0.state != .ok && $0.state != .skipped }
        let point = try #require(
            points.first { $0.point == fault.point && $0.message.contains(fault.message) }, "\(points)")
        #expect(point.state == fault.state)
        #expect(point.remedy?.contains(fault.remedy) == true, "\(point)")
    }

    @Test func `a daemon that goes by another configuration is told of`() async throws {
        let stage = try await soundStage()
        let daemon = try await stage.daemon()
        func daemonPoint() async throws -> SetupPoint? {
            let run = try await stage.certd(["doctor", "--json"])
            return try JSONDecoder().decode(DoctorReport.self, from: Data(run.output.utf8)).points.first {
                $0.point == "daemon"
            }
        }
        #expect(try await daemonPoint()?.state == .ok)
        try stage.edit("[check]", to: "[check]\nwarning = \"30%\"")
        let point = try await daemonPoint()
        #expect(point?.state == .problem && point?.message.contains("another configuration") == true, "\(point as Any)")
        _ = try await daemon.stop()
    }
}

extension Stage {
    /// Replaces a text in certd's configuration.
    func edit(_ old: String, to new: String) throws {
        try scratch.write(scratch.read("certd.toml").replacing(old, with: new, maxReplacements: 1), to: "certd.toml")
    }

    /// Adds to haproxy.cfg, which the HAProxy that runs has read already.
    func configureHAProxy(_ more: String) throws {
        try scratch.write(scratch.read("haproxy.cfg") + more, to: "haproxy.cfg")
    }
}
