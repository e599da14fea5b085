import SystemPackage
import TestSupport
import Testing

@Suite struct RunningHAProxyTests {
    @Test(arguments: [[], ["-W"]])
    func `a real HAProxy starts, serves a certificate and ends`(arguments: [String]) async throws {
        let directory = try ScratchDirectory()
        let site = try await TestCertificate.make("site", in: directory, names: ["site.example"])
        let address = RunningHAProxy.unusedAddress()
        let haproxy = try await RunningHAProxy.start(
            "frontend f\n bind \(address) ssl crt \(site.bundle)\n", in: directory, arguments: arguments)
        let shown = try await runTool("openssl", ["s_client", "-connect", address, "-servername", "site.example"])
        #expect(shown.output.contains("subject=CN = site.example"))
        try await haproxy.stop()
        #expect(try await !runTool("openssl", ["s_client", "-connect", address]).succeeded)
    }

    @Test func `a configuration that HAProxy refuses is told in its words`() async throws {
        let directory = try ScratchDirectory()
        await #expect {
            try await RunningHAProxy.start("frontend f\n bind 127.0.0.1:1 ssl crt /nowhere.pem\n", in: directory)
        } throws: {
            "\($0)".contains("/nowhere.pem")
        }
    }
}
