import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// The programs in `examples/notify`, given a document of certd notify.
@Suite struct NotifyExampleTests {
    private static let document = """
        {"checked_at":"2026-11-23T00:00:00Z","findings":[\
        {"change":"new","id":"wire-stale","lineage":"pbx.example.org","message":"serves the old one","remedy":"certd deploy",\
        "severity":"critical","where":"127.0.0.1:443"},\
        {"change":"cleared","id":"clock-suspect","message":"the clock is before the build","remedy":"set it",\
        "severity":"warning"}],"host":"pbx1","schema_version":1,"state":"critical"}
        """
    private let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory()
        try scratch.write(NotifyExampleTests.document, to: "document")
    }

    private func run(_ example: String, _ argument: String, path: String = "/usr/bin:/bin") async throws -> ToolRun {
        let program = packageDirectory.appending("examples/notify/\(example)").string
        let script = "PATH=\"$3\" exec \"$1\" \"$2\" <\"$4\""
        return try await runTool("sh", ["-c", script, "sh", program, argument, path, scratch.file("document").string])
    }

    // A stand-in for the host's sendmail, which tests must not send by.
    @Test func `a mail says in its subject what is worst, and below it what to do`() async throws {
        let sent = scratch.file("sent")
        try scratch.write("#!/bin/sh\necho \"$@\" >'\(sent).arguments'; exec cat >'\(sent)'\n", to: "sendmail")
        try await requireTool("chmod", ["755", scratch.file("sendmail").string])

        let run = try await run("mail", "admin@example.org", path: "\(scratch.path):/usr/bin:/bin")

        #expect(run.status == 0, "\(run.errors)")
        #expect(try scratch.read("sent.arguments") == "-i -t\n")
        let mail = try scratch.read("sent")
        #expect(mail.contains("To: admin@example.org\n"))
        #expect(mail.contains("Subject: certd on pbx1 is critical: pbx.example.org: wire-stale and 1 more\n"))
        #expect(mail.contains("    serves the old one\n    127.0.0.1:443\n    fix: certd deploy\n"))
        #expect(mail.contains("cleared: this host: clock-suspect (warning)\n"))
        #expect(!mail.contains("fix: set it"))
    }

    @Test func `a chat gets a text, and the URL is read from a file`() async throws {
        let receiver = """
            import http.server, sys
            class Receiver(http.server.BaseHTTPRequestHandler):
                def do_POST(self):
                    body = self.rfile.read(int(self.headers["Content-Length"]))
                    open(sys.argv[1] + "/posted", "wb").write(self.path.encode() + b" " + body)
                    self.send_response(200)
                    self.end_headers()
            server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
            open(sys.argv[1] + "/url", "w").write(f"http://127.0.0.1:{server.server_port}/secret\\n")
            print("ready", flush=True)
            server.handle_request()
            """
        let server = try await HelperProcess.start("/usr/bin/env", ["python3", "-c", receiver, scratch.path.string])
        let run = try await run("webhook", scratch.file("url").string)
        #expect(run.status == 0, "\(run.errors)")
        try await server.stop()

        let posted = try scratch.read("posted")
        #expect(
            posted.hasPrefix(
                "/secret {\"text\": \"certd on pbx1 is critical\\n:red_circle: *pbx.example.org: wire-stale*"))
        #expect(posted.contains("\\n> certd deploy"))
    }

    @Test func `an address that nobody answers at is told without the URL`() async throws {
        try scratch.write("http://127.0.0.1:9/secret\n", to: "url")
        let run = try await run("webhook", scratch.file("url").string)
        #expect(run.status == 1)
        #expect(run.errors.hasPrefix("webhook: ") && !run.errors.contains("secret"))
    }
}
