internal import SystemPackage
internal import TestSupport
internal import Testing

/// A good generation that HAProxy cannot take: nothing is half done.
@Suite struct HAProxyTroubleTests {
    private let name = "pbx.example.org"

    /// A stage that serves generation 1, and generation 2 waiting in the lineage.
    private func stage() async throws -> Stage {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name)
        try await stage.deploys(name)
        try await stage.make(name, ["--generation", "2"])
        return stage
    }

    @Test func `with HAProxy down the bundle moves, and that is said`() async throws {
        let stage = try await stage()
        try await stage.haproxy.stop()

        let run = try await stage.certd(["deploy", name])

        #expect(run.succeeded, "\(run.errors)")
        #expect(run.errors.contains("haproxy-unreachable"))
        #expect(try await stage.bundleLeaf(of: name) == stage.lineageLeaf(of: name))
    }

    @Test func `a socket that never answers is given up`() async throws {
        let stage = try await stage()
        let before = try await stage.snapshot(of: name)
        let silent = stage.scratch.file("silent.sock")
        let listener = try listen(on: silent)
        defer { try? listener.close() }

        try await stage.refuses(name, leaving: before, environment: ["CERTD_HAPROXY_SOCKETS": silent.string])
    }

    @Test func `a socket without permission is named`() async throws {
        let stage = try await stage()
        let before = try await stage.snapshot(of: name)

        let run = try await stage.refuses(
            name, leaving: before, environment: ["CERTD_HAPROXY_SOCKETS": stage.operatorSocket.string])

        #expect(run.errors.contains(stage.operatorSocket.string))
    }

    @Test func `where the second of two sockets refuses, the first gets the old certificate back`() async throws {
        let stage = try await stage()
        let before = try await stage.snapshot(of: name)
        let scratch = try ScratchDirectory()
        // Another process with the same bundle, whose socket may look but not change.
        let socket = scratch.file("operator.sock")
        let other = try await RunningHAProxy.start(
            """
            global
                stats socket \(socket) level operator
            listen other
                bind \(RunningHAProxy.unusedAddress()) ssl crt \(stage.bundle(of: name))
                server none 127.0.0.1:9

            """, in: scratch)

        let run = try await stage.refuses(
            name, leaving: before, environment: ["CERTD_HAPROXY_SOCKETS": "\(stage.haproxy.socket),\(socket)"])

        #expect(run.errors.contains(socket.string))
        #expect(run.errors.contains("served again"))
        try await other.stop()
    }

    @Test func `another client's open transaction is neither used nor ended`() async throws {
        let stage = try await Stage(lineages: [name, "sip.example.org"])
        for name in [name, "sip.example.org"] {
            try await stage.make(name)
            try await stage.deploys(name)
        }
        let foreign = stage.bundle(of: "sip.example.org")
        let pem = try await requireTool("cat", [foreign.string])
        let opened = try await stage.ask(haproxy: "set ssl cert \(foreign) <<\n\(pem)")
        #expect(opened.contains("Transaction created"))
        let before = try await stage.snapshot(of: name)
        try await stage.make(name, ["--generation", "2"])

        try await stage.refuses(name, leaving: before)

        #expect(before.transaction == "*\(foreign)")
    }

    @Test(arguments: [("/^fsync$", "ENOSPC"), ("/^fsync$", "EIO"), ("/^rename", "EROFS"), ("/^rename", "EDQUOT")])
    func `where the bundle cannot be written, HAProxy keeps the old certificate`(
        call: String, error: String
    ) async throws {
        let stage = try await stage()
        let before = try await stage.snapshot(of: name)

        let run = try await runTool(
            "env",
            straceCommand + ["-f", "-qq", "-o", "/dev/null", "-e", "inject=\(call):error=\(error)"]
                + stage.deployment(of: name))

        #expect(!run.succeeded)
        #expect(try await stage.snapshot(of: name) == before)
    }
}
