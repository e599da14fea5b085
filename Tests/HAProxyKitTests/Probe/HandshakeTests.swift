import CertKit
import HAProxyKit
import SystemPackage
import TestSupport
import Testing

/// Handshakes with `openssl s_server`.
@Suite struct HandshakeTests {
    let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    @Test(arguments: ["-tls1_2", "-tls1_3"])
    func `the whole chain is seen as it is sent`(version: String) async throws {
        let issuer = try await TestCertificate.make("issuer", in: scratch, names: ["Test CA"], isCA: true)
        let site = try await TestCertificate.make("site", in: scratch, issuer: issuer)
        let chain = try await served(site, [version, "-cert_chain", issuer.certificate.string])
        #expect(chain.certificates.count == 2)
        let expected = try await sha256Fingerprint(of: site.certificate)
        let expectedIssuer = try await sha256Fingerprint(of: issuer.certificate)
        #expect(chain.leafFingerprint.description == expected)
        let second = chain.certificates[1]
        #expect(Fingerprint(ofDER: second.span).description == expectedIssuer)
    }

    @Test(arguments: [("second.example.com", true), ("second.example.com.", true), ("localhost", false), ("", false)])
    func `the server is asked for the name`(name: String, isSecond: Bool) async throws {
        let first = try await TestCertificate.make("first", in: scratch)
        let second = try await TestCertificate.make("second", in: scratch, names: ["second.example.com"])
        let chain = try await served(
            first,
            [
                "-servername", "second.example.com", "-cert2", second.certificate.string, "-key2", second.key.string,
            ], for: name)
        let expected = try await sha256Fingerprint(of: (isSecond ? second : first).certificate)
        #expect(chain.leafFingerprint.description == expected)
    }

    @Test func `a TLS 1.3 server that wants a client certificate has shown its own by then`() async throws {
        let site = try await TestCertificate.make("site", in: scratch)
        let chain = try await served(site, ["-tls1_3", "-Verify", "1", "-verify_return_error"])
        let expected = try await sha256Fingerprint(of: site.certificate)
        #expect(chain.leafFingerprint.description == expected)
    }

    @Test func `a TLS 1.2 server that wants a client certificate is said to want it`() async throws {
        let site = try await TestCertificate.make("site", in: scratch)
        try await expect(from: site, ["-tls1_2", "-Verify", "1", "-verify_return_error"]) {
            .clientCertificateRequired($0)
        }
    }

    @Test(arguments: [
        (TestCertificate.Key.p256, ProbeTarget.Algorithm.rsa, "-tls1_2"), (.p256, .rsa, "-tls1_3"),
        (.rsa2048, .ecdsa, "-tls1_2"), (.rsa2048, .ecdsa, "-tls1_3"),
    ])
    func `a certificate with the other kind of key is not taken`(
        key: TestCertificate.Key, algorithm: ProbeTarget.Algorithm, version: String
    ) async throws {
        let site = try await TestCertificate.make("site", in: scratch, key: key)
        try await expect(from: site, [version], algorithm: algorithm) {
            .alert($0, serverName: "localhost", name: "handshake failure")
        }
    }

    @Test func `a server that only knows TLS 1_1 refuses by an alert`() async throws {
        let site = try await TestCertificate.make("site", in: scratch)
        try await expect(from: site, ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]) {
            .alert($0, serverName: "localhost", name: "protocol version")
        }
    }

    @Test func `a chain without end is not taken`() async throws {
        let site = try await TestCertificate.make("site", in: scratch, key: .rsa2048)
        let one = try scratch.read("site.crt")
        let many = try scratch.write(String(repeating: one, count: 150), to: "many.pem")
        try await expect(from: site, ["-cert_chain", many.string]) { .chainTooLarge($0, limit: 100 << 10) }
    }

    @Test func `a weak certificate is seen too`() async throws {
        let key = scratch.file("weak.key"), certificate = scratch.file("weak.crt")
        try await requireTool(
            "openssl",
            [
                "req", "-x509", "-nodes", "-newkey", "rsa:1024", "-sha1", "-subj", "/CN=weak", "-keyout", key.string,
                "-out", certificate.string,
            ])
        let chain = try await withTLSServer(
            ["-cert", certificate.string, "-key", key.string, "-cipher", "ALL:@SECLEVEL=0"]
        ) { try await probe($0) }
        let expected = try await sha256Fingerprint(of: certificate)
        #expect(chain.leafFingerprint.description == expected)
    }

    @Test func `many handshakes at once do not disturb each other`() async throws {
        let site = try await TestCertificate.make("site", in: scratch)
        let expected = try await sha256Fingerprint(of: site.certificate)
        try await withTLSServer(["-cert", site.certificate.string, "-key", site.key.string]) { address in
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<40 {
                    group.addTask { try await probe(address).leafFingerprint.description }
                }
                for try await seen in group { #expect(seen == expected) }
            }
        }
    }

    private func served(
        _ site: TestCertificate, _ arguments: [String], for name: String = "localhost"
    ) async throws -> ServedChain {
        try await withTLSServer(["-cert", site.certificate.string, "-key", site.key.string] + arguments) {
            try await probe($0, for: name)
        }
    }

    private func expect(
        from site: TestCertificate, _ arguments: [String], algorithm: ProbeTarget.Algorithm = .any,
        _ failure: @Sendable (ProbeAddress) -> ProbeError
    ) async throws {
        try await withTLSServer(["-cert", site.certificate.string, "-key", site.key.string] + arguments) { address in
            let expected = failure(try #require(ProbeAddress(address)))
            _ = await #expect(throws: expected) { try await probe(address, algorithm: algorithm) }
        }
    }
}

/// Makes one handshake with plenty of time.
func probe(
    _ address: String, for name: String = "localhost", algorithm: ProbeTarget.Algorithm = .any
) async throws -> ServedChain {
    let address = try #require(ProbeAddress(address))
    return try await HandshakeProbe.live.handshake(
        ProbeTarget(address, serverName: name, algorithm: algorithm, timeout: .seconds(20)))
}

/// What the openssl command says about the first certificate of a file, in our words.
func sha256Fingerprint(of certificate: FilePath) async throws -> String {
    let line = try await requireTool(
        "openssl", ["x509", "-in", certificate.string, "-noout", "-fingerprint", "-sha256"])
    return line.split(separator: "=").last.map { $0.filter(\.isHexDigit).lowercased() } ?? ""
}
