import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage
import TestSupport
import Testing

@Suite struct RuntimeAPITests {
    @Test func `HAProxy tells its version, its process and its certificates`() async throws {
        let haproxy = try await LiveHAProxy.start()
        let info = try await haproxy.api.processInfo()
        #expect(info.version >= HAProxyVersion(2, 2))
        #expect(info.pid == Int(haproxy.process.pid))
        #expect(!info.isStopping)
        #expect(info.uptime < 60)
        let names = try await haproxy.api.certificateNames()
        #expect(Set(names) == [haproxy.site.name, haproxy.other.name])
        #expect(try await haproxy.api.openTransaction() == nil)
    }

    @Test func `the list, and whoever may change certificates, are told alike which transaction is open`() async throws
    {
        let haproxy = try await LiveHAProxy.start()
        #expect(try await haproxy.api.ongoingTransaction() == nil)

        let answer = try await haproxy.api.send("set ssl cert \(haproxy.site.name)", haproxy.renewed.bundleBytes())
        try #require(answer.contains("Transaction created"))

        #expect(try await haproxy.api.openTransaction() == haproxy.site.name)
        #expect(try await haproxy.api.ongoingTransaction() == haproxy.site.name)
        // Asking has not ended it.
        #expect(try await haproxy.api.openTransaction() == haproxy.site.name)
    }

    @Test func `a HAProxy without certificates has none, and no transaction`() async throws {
        let directory = try ScratchDirectory()
        let haproxy = try await RunningHAProxy.start(
            "listen plain\n bind \(RunningHAProxy.unusedAddress())\n", in: directory)
        let api = RuntimeAPI(socket: haproxy.socket.string)
        #expect(try await api.certificateNames() == [])
        #expect(try await api.openTransaction() == nil)
    }

    @Test func `what HAProxy has loaded is told as openssl tells it`() async throws {
        let haproxy = try await LiveHAProxy.start()
        let loaded = try #require(try await haproxy.api.certificate(named: haproxy.site.name))
        let leaf = try #require(loaded.leaf)
        let told = try await requireTool(
            "openssl", ["x509", "-in", haproxy.site.certificate.string, "-noout", "-serial", "-dates"])
        #expect(told.contains("serial=\(leaf.serial.uppercased())\n"))
        #expect(leaf.sha1 == (try await haproxy.sha1(of: haproxy.site)))
        #expect(leaf.notAfter.timeIntervalSince(leaf.notBefore) == 30 * 86_400)
        #expect(leaf.subject == "/CN=site.example")
        #expect(leaf.issuer == leaf.subject)
        #expect(leaf.names == ["site.example"])
        #expect(loaded.status == .used)
        #expect(loaded.name == haproxy.site.name)
        #expect(try await haproxy.api.certificate(named: "/no/such.pem") == nil)
    }

    @Test func `a served certificate is replaced while HAProxy runs`() async throws {
        let haproxy = try await LiveHAProxy.start()
        try await haproxy.api.replaceCertificate(
            named: haproxy.site.name, with: haproxy.renewed.bundleBytes())
        #expect(try await haproxy.loaded(haproxy.site) == haproxy.sha1(of: haproxy.renewed))
        #expect(try await haproxy.loaded(haproxy.other) == haproxy.sha1(of: haproxy.other))
        #expect(try await haproxy.api.openTransaction() == nil)
        #expect(try await haproxy.api.processInfo().pid == Int(haproxy.process.pid))
    }
}
