import CertKit
import FoundationEssentials
import TestSupport
import Testing

/// What a leaf says of its own use and life.
@Suite struct UsageFindingsTests {
    @Test(
        arguments: [
            ("healthy", []), ("client-auth", []), ("wildcard", []), ("must-staple-answered", []), ("healthy-rsa", []),
            ("wrong-eku", [FindingID.wrongEKU]), ("leaf-is-ca", [.leafIsCA]), ("must-staple", [.mustStaple]),
        ] as [(String, [FindingID])])
    func `what a leaf may not be used for is found`(name: String, expected: [FindingID]) async throws {
        let found = try await MadeCase(name).leaf.usageFindings(location: "cert.pem")
        #expect(found.map(\.id) == expected)
        #expect(found.allSatisfy { $0.remedy.contains("certbot ") })
    }

    @Test func `what an anchor vouches for must not live longer than browsers allow`() async throws {
        let made = try await MadeCase("validity-too-long")
        let long = made.chain()
        #expect(long.validityFindings(location: "x").map(\.id) == [.validityTooLong])
        #expect(long.validityFindings(location: "x").first?.message.contains("more than 200") == true)
        #expect(long.validityFindings(privateAnchors: [try #require(long.anchor)], location: "x").isEmpty)
        #expect(made.chain(isTrusted: false).validityFindings(location: "x").isEmpty)
        #expect(try await MadeCase("healthy").chain().validityFindings(location: "x").isEmpty)
    }

    @Test(
        arguments: [
            // One second before each rule, at it, and what it allows.
            ("2012-06-30T23:59:59Z", nil), ("2012-07-01T00:00:00Z", 1827), ("2015-04-01T00:00:00Z", 1187),
            ("2018-02-28T23:59:59Z", 1187), ("2018-03-01T00:00:00Z", 825), ("2020-08-31T23:59:59Z", 825),
            ("2020-09-01T00:00:00Z", 398), ("2026-03-14T23:59:59Z", 398), ("2026-03-15T00:00:00Z", 200),
            ("2027-03-14T23:59:59Z", 200), ("2027-03-15T00:00:00Z", 100), ("2029-03-14T23:59:59Z", 100),
            ("2029-03-15T00:00:00Z", 47), ("9999-01-01T00:00:00Z", 47),
        ] as [(String, Int?)])
    func `the limit is the one in force when the certificate began`(begins: String, days: Int?) async throws {
        let directory = try ScratchDirectory()
        for (seconds, isTooLong) in [(0, false), (1, true)] {
            let start = try Date(begins, strategy: .iso8601)
            let end = start + Double(days ?? 10_000) * 86_400 + Double(seconds)
            guard end.timeIntervalSince1970 < 253_402_300_800 else { continue }
            try await MadeCertificates.lineage(
                "a.example.org", below: directory.path,
                ["--not-before=\(begins)", "--not-after=\(end.formatted(.iso8601))"])
            let contents = try readFile(at: directory.file("live/a.example.org/fullchain.pem"))
            let sent = try contents.bytes.withSpan { text throws(PEMError) in
                try PEMContents(parsing: text, file: "fullchain.pem").certificates
            }
            let trust = try readFile(at: directory.file("pki/root.pem")).bytes.withSpan { text throws(PEMError) in
                try TrustStore(parsing: text, file: "root.pem")
            }
            let chain = Chain(leaf: sent[0], sent: Array(sent.dropFirst()), trust: trust)
            #expect(
                chain.validityFindings(location: "x").isEmpty == !(isTooLong && days != nil), "\(begins) \(seconds)")
        }
    }
}
