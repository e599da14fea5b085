import CertKit
import HAProxyKit
import TestSupport
import Testing

/// Handshakes with a real HAProxy.
@Suite struct HAProxyHandshakeTests {
    @Test func `a pair is proven by two handshakes`() async throws {
        let scratch = try ScratchDirectory()
        let ecdsa = try await TestCertificate.make("ecdsa", in: scratch)
        let rsa = try await TestCertificate.make("rsa", in: scratch, key: .rsa2048)
        try scratch.write(scratch.read("ecdsa.pem"), to: "site.pem.ecdsa")
        try scratch.write(scratch.read("rsa.pem"), to: "site.pem.rsa")
        let address = RunningHAProxy.unusedAddress()
        let haproxy = try await RunningHAProxy.start(
            "frontend f\n bind \(address) ssl crt \(scratch.file("site.pem"))\n", in: scratch)

        for (algorithm, certificate) in [(ProbeTarget.Algorithm.rsa, rsa), (.ecdsa, ecdsa)] {
            let chain = try await probe(address, algorithm: algorithm)
            let expected = try await sha256Fingerprint(of: certificate.certificate)
            #expect(chain.leafFingerprint.description == expected)
        }
        try await haproxy.stop()
    }

    @Test func `a name that strict-sni does not know is refused by an alert, a known one is served`() async throws {
        let scratch = try ScratchDirectory()
        let site = try await TestCertificate.make("site", in: scratch, names: ["pbx.example.com"])
        let address = RunningHAProxy.unusedAddress()
        let haproxy = try await RunningHAProxy.start(
            "frontend f\n bind \(address) ssl strict-sni crt \(site.bundle)\n", in: scratch)

        let target = try #require(ProbeAddress(address))
        await #expect(
            throws: ProbeError.alert(target, serverName: "other.example.com", name: "unrecognized name")
        ) {
            try await probe(address, for: "other.example.com")
        }
        let chain = try await probe(address, for: "pbx.example.com")
        let expected = try await sha256Fingerprint(of: site.certificate)
        #expect(chain.leafFingerprint.description == expected)
        try await haproxy.stop()
    }

    @Test func `a bind that expects the PROXY protocol closes the handshake`() async throws {
        let scratch = try ScratchDirectory()
        let site = try await TestCertificate.make("site", in: scratch)
        let address = RunningHAProxy.unusedAddress()
        let haproxy = try await RunningHAProxy.start(
            "frontend f\n bind \(address) accept-proxy ssl crt \(site.bundle)\n", in: scratch)

        let target = try #require(ProbeAddress(address))
        await #expect(throws: ProbeError.closed(target)) { try await probe(address) }
        try await haproxy.stop()
    }
}
