import CertKit
import FoundationEssentials
import TestSupport
import Testing

@testable import certd

/// What everybody may read, over TCP as a monitoring system and a browser do.
@Suite struct ReadingTests {
    @Test func `metrics come as text, and as OpenMetrics to who asks for them`() async throws {
        let program = try await BuiltProgram(lineages: [
            ("a.example.org", []), ("b.example.org", ["--case", "expired"]),
        ])
        let daemon = try await RunningSocket(program, program.listeningSettings())
        let text = try await daemon.fetch("/metrics")
        #expect(text.head[0] == "HTTP/1.1 200 OK")
        #expect(text.head.contains("Content-Type: text/plain; version=0.0.4; charset=utf-8"))
        #expect(text.body.contains("# TYPE certd_deployments_total counter\ncertd_deployments_total 0\n"))
        #expect(
            text.body.contains("\nx509_source_errors_total{source_kind=\"file\",source_name=\"a.example.org\"} 0\n"))
        let open = try await daemon.fetch("/metrics", "-H", "Accept: application/openmetrics-text;version=1.0.0")
        #expect(open.head.contains("Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8"))
        #expect(open.body.contains("# TYPE certd_deployments counter\ncertd_deployments_total 0\n"))
        #expect(open.body.hasSuffix("\n# EOF\n") && !text.body.contains("EOF"))
        func series(_ text: String) -> [Substring] { text.split(separator: "\n").filter { !$0.hasPrefix("#") } }
        #expect(
            series(text.body).map { $0.split(separator: " ")[0] }
                == series(open.body).map { $0.split(separator: " ")[0] })
    }

    @Test(.enabled(if: hasTool("promtool")))
    func `promtool finds nothing to say about the daemon's metrics`() async throws {
        let program = try await BuiltProgram(lineages: [
            ("a.example.org", []), ("b.example.org", ["--case", "expired"]),
        ])
        let daemon = try await RunningSocket(program, program.listeningSettings())
        let verdict = try await runTool("promtool", ["check", "metrics"], input: daemon.fetch("/metrics").body)
        #expect(verdict.succeeded && verdict.output.isEmpty && verdict.errors.isEmpty, "\(verdict)")
    }

    @Test func `a lineage that cannot be read counts as an error at each look`() async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", ["--case", "key-missing"])])
        let daemon = try await RunningSocket(program, program.listeningSettings())
        let series = "x509_source_errors_total{source_kind=\"file\",source_name=\"a.example.org\"}"
        #expect(try await daemon.fetch("/metrics").body.contains("\n\(series) 1\n"))
        // The socket's clients may have it look anew.
        _ = try await daemon.ask("GET", "/v1/status", fields: "Cache-Control: no-cache\r\n")
        #expect(try await daemon.fetch("/metrics").body.contains("\n\(series) 2\n"))
    }

    // How long ago it looked counts from when the test runs, which may be long after its table was made.
    @Test(
        arguments: [
            (nil, nil, "503", "has not looked yet"),
            (0, nil, "200", "ok"),
            (301, nil, "503", "has not looked since"),
            (
                0, LastLook.Trouble(message: "nothing there", remedy: "ls /etc/letsencrypt"), "503",
                "nothing there\nls /etc/letsencrypt"
            ),
        ] as [(Double?, LastLook.Trouble?, String, String)])
    func `it is ready when it has looked, and lives in any case`(
        secondsAgo: Double?, blindness: LastLook.Trouble?, status: String, says: String
    ) async throws {
        let program = try await BuiltProgram()
        let look = LastLook(at: secondsAgo.map { Date.now.addingTimeInterval(-$0) }, blindness: blindness)
        let daemon = try await RunningSocket(program, program.listeningSettings(), look: look)
        let ready = try await daemon.fetch("/readyz")
        #expect(ready.head[0].hasPrefix("HTTP/1.1 \(status) ") && ready.body.contains(says))
        #expect(try await daemon.fetch("/healthz").body == "ok\n")
    }

    @Test(arguments: ["/metrics", "/healthz", "/readyz", "/v1/status", "/none", "/v1/deploy"])
    func `a browser is told to run, keep and frame nothing of others`(path: String) async throws {
        let program = try await BuiltProgram()
        let daemon = try await RunningSocket(program, program.listeningSettings())
        let head = try await daemon.fetch(path).head
        for field in [
            "X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer", "Cache-Control: no-store",
            "Connection: close",
        ] { #expect(head.contains(field)) }
        let policy = try #require(head.first { $0.hasPrefix("Content-Security-Policy: ") })
        #expect(policy.contains("default-src 'none'; script-src 'self';") && policy.contains("frame-ancestors 'none'"))
        #expect(!policy.contains("unsafe"))
    }

    @Test func `HEAD has the fields of GET and no body; other methods are told which there are`() async throws {
        let program = try await BuiltProgram()
        let daemon = try await RunningSocket(program, program.listeningSettings())
        let (got, head) = (try await daemon.fetch("/healthz"), try await daemon.fetch("/healthz", "--head"))
        #expect(head.head == got.head && head.body.isEmpty && got.body == "ok\n")
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"] {
            let refused = try await daemon.fetch("/v1/status", "-X", method)
            #expect(refused.head[0] == "HTTP/1.1 405 Method Not Allowed" && refused.head.contains("Allow: GET, HEAD"))
        }
        #expect(try await daemon.fetch("/v1/deploy").head.contains("Allow: POST"))
    }

    @Test func `nothing is deployed over TCP`() async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", [])])
        let settings = try program.listeningSettings()
        let daemon = try await RunningSocket(program, settings) { _, _, _ in
            Issue.record("something was deployed")
            return []
        }
        let order = DeploymentRequest(order: DeploymentOrder(command: .deploy), configuration: settings.mark)
        let body = String(decoding: try JSONEncoder().encode(order), as: UTF8.self)
        #expect(try await daemon.fetch("/v1/deploy", "-d", body).head[0] == "HTTP/1.1 403 Forbidden")
    }

    @Test(arguments: [
        ("localhost", "200"), ("LocalHost:9793", "200"), ("127.0.0.1", "200"), ("127.9.8.7:1", "200"),
        ("[::1]:9793", "200"),
        ("certd.example.org", "421"), ("127.0.0.1.example.org", "421"), ("localhost.example.org:9793", "421"),
        ("192.0.2.1:9793", "421"), ("[::2]", "421"), ("::1", "421"), ("", "421"), ("localhost:x", "421"),
    ])
    func `a name that others could point here is refused`(host: String, status: String) async throws {
        let program = try await BuiltProgram()
        let daemon = try await RunningSocket(program, program.listeningSettings())
        let answer = try await daemon.fetch("/v1/status", "-H", host.isEmpty ? "Host;" : "Host: \(host)")
        #expect(answer.head[0].hasPrefix("HTTP/1.1 \(status) "), "\(answer.head[0])")
        // Nobody reaches a file in the file system by such a name.
        #expect(try await daemon.ask("GET", "/v1/status").hasPrefix("HTTP/1.1 200 OK"))
    }

    @Test func `a port that is taken costs the page alone`() async throws {
        let program = try await BuiltProgram()
        let settings = try program.listeningSettings()
        let first = try await RunningSocket(program, settings)
        let other = try await BuiltProgram()
        let taken = try other.settings("\n[http]\nlisten = \"\(try #require(settings.listen))\"\n")
        let second = try await RunningSocket(other, taken, waitsForListener: false)
        #expect(try await second.ask("GET", "/healthz").hasPrefix("HTTP/1.1 200 OK"))
        #expect(try await first.fetch("/healthz").body == "ok\n")
        try await second.stop()
    }
}
