import CertKit
import HAProxyKit
import SystemPackage
import TestSupport
import Testing

@testable import certd

@Suite struct DiscoveryFactsTests {
    @Test func `a leaf on disk and the same one in HAProxy's memory are one to discovery`() async throws {
        let scratch = try ScratchDirectory()
        let names = ["pbx.example.com", "*.Example.org"]
        let made = try await TestCertificate.make("pbx", in: scratch, names: names)
        let haproxy = try await RunningHAProxy.start(
            "listen tls\n    bind unix@\(scratch.file("tls.sock")) ssl crt \(made.bundle)\n", in: scratch)
        let loaded = try await RuntimeAPI(socket: haproxy.socket.string).certificate(named: made.bundle.string)

        let leaf = try #require(
            try made.bundleBytes().withSpan { try PEMContents(parsing: $0, file: "pbx.pem") }.certificates.first)
        let inMemory = try #require(loaded?.leaf)
        #expect(LeafFacts(inMemory) == LeafFacts(leaf))
        #expect(LeafFacts(leaf).names == ["pbx.example.com", "*.example.org"])
    }
}
