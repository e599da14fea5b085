import CertKit
import Testing

@Suite struct PEMContentsTests {
    private func contents(_ text: String) throws(PEMError) -> PEMContents {
        try PEMContents(parsing: Array(text.utf8).span, file: "f.pem")
    }

    @Test(arguments: [
        Sample.leaf + Sample.intermediate + Sample.leafKey, Sample.leafKey + Sample.leaf + Sample.intermediate,
        "\u{FEFF}" + Sample.leaf + "text\n\n" + Sample.intermediate + Sample.otherKeyWithParameters,
        (Sample.leaf + Sample.intermediate + Sample.leafKey).split(separator: "\n").joined(separator: "\r\n"),
    ])
    func `a bundle is read in any order`(text: String) throws {
        let contents = try contents(text)
        #expect(
            try contents.certificates == [Certificate.sample(Sample.leaf), Certificate.sample(Sample.intermediate)])
        #expect(contents.keys.count == 1)
        #expect(throws: Never.self) { try contents.soleKey(of: "f.pem") }
    }

    @Test func `certificates and keys know their lines`() throws {
        let contents = try contents("\n" + Sample.leafKey + Sample.leaf)
        #expect(contents.keyLines == [2])
        #expect(contents.certificateLines == [7])
    }

    @Test func `one key is one key`() throws {
        #expect(throws: PEMError.missingKey(file: "f.pem")) { try contents(Sample.leaf).soleKey(of: "f.pem") }
        #expect(throws: PEMError.ambiguousKey(file: "f.pem", lines: [1, 6])) {
            try contents(Sample.leafKey + Sample.leafKey).soleKey(of: "f.pem")
        }
    }

    @Test(arguments: [
        (Sample.encryptedKey, PEMError.encryptedKey(file: "f.pem", line: 1)),
        (Sample.leafPublicKey, .notAPrivateKey(file: "f.pem", line: 1, label: "PUBLIC KEY")),
        (Sample.trusted, .unreadable(file: "f.pem", line: 1, .trustedCertificate)),
        (block("CERTIFICATE REQUEST"), .notAPrivateKey(file: "f.pem", line: 1, label: "CERTIFICATE REQUEST")),
        (block("OPENSSH PRIVATE KEY"), .notAPrivateKey(file: "f.pem", line: 1, label: "OPENSSH PRIVATE KEY")),
        (block("DSA PRIVATE KEY"), .keyTypeRefused(file: "f.pem", line: 1, type: "DSA")),
        (block("SM2 PRIVATE KEY"), .keyTypeRefused(file: "f.pem", line: 1, type: "SM2")),
        (block("X509 CRL"), .unreadable(file: "f.pem", line: 1, .unexpectedBlock(label: "X509 CRL"))),
        (
            Sample.leaf + block("CERTIFICATE"),
            .unreadable(
                file: "f.pem", line: Sample.leaf.count { $0 == "\n" } + 1,
                .unsoundContent("not a certificate: an element stands where another belongs (byte 0 of the DER)"))
        ),
        (
            block("RSA PRIVATE KEY"),
            .unreadable(
                file: "f.pem", line: 1, .unsoundContent("not a private key: an element stands where another belongs"))
        ),
        (block("DH PARAMETERS"), .unreadable(file: "f.pem", line: 1, .unsoundContent("an element is cut short"))),
        (block("CERTIFICATE", "TWFu\nTW-u"), .unreadable(file: "f.pem", line: 3, .notBase64)),
        (block("EC PRIVATE KEY", "TWFu\nTW"), .unreadable(file: "f.pem", line: 3, .cutShort)),
        (block("CERTIFICATE", "Comment: x"), .unreadable(file: "f.pem", line: 2, .headers)),
    ])
    func `whatever has no place in a bundle has an error of its own`(text: String, error: PEMError) {
        #expect(throws: error) { try contents(text) }
    }

    @Test func `more certificates than a chain can need are refused`() throws {
        #expect(try contents(String(repeating: Sample.ed25519, count: 100)).certificates.count == 100)
        #expect(throws: PEMError.tooManyCertificates(file: "f.pem", limit: 100)) {
            try contents(String(repeating: Sample.ed25519, count: 101))
        }
    }

    @Test func `what other files repeat is recalled, and only if it is the same`() throws {
        var recent = RecentCertificates()
        let chain = Sample.leaf + Sample.intermediate
        let others = [Sample.root, Sample.ed25519, Sample.rsa, Sample.pss]
        for text in [chain, chain] + others.map({ Sample.leaf + $0 + Sample.intermediate }) + [chain] {
            let recalled = try PEMContents(parsing: Array(text.utf8).span, file: "f.pem", recalling: &recent)
            #expect(try recalled.certificates == contents(text).certificates)
        }
        let broken = chain.replacing("-----END", with: "=-----END")
        #expect(throws: PEMError.self) {
            try PEMContents(parsing: Array(broken.utf8).span, file: "f.pem", recalling: &recent)
        }
    }

    @Test func `more recent certificates than are kept push the oldest out`() throws {
        var recent = RecentCertificates()
        let blocks = (0..<20).map { place in
            (Sample.leaf + Sample.root + String(repeating: " ", count: place)).replacing(
                "\n-----END", with: String(repeating: " ", count: place) + "\n-----END")
        }
        for text in blocks + blocks {
            let recalled = try PEMContents(parsing: Array(text.utf8).span, file: "f.pem", recalling: &recent)
            #expect(try recalled.certificates.last == Certificate.sample(Sample.root))
        }
    }

    @Test func `bytes after the DER are refused`() throws {
        let der = try Certificate.sample(Sample.leaf).der
        #expect(throws: CertificateError.malformed(.leftover, offset: der.count)) { try Certificate(der: der + [0]) }
    }
}

private func block(_ label: String, _ body: String = "TWFu") -> String {
    "-----BEGIN \(label)-----\n\(body)\n-----END \(label)-----\n"
}
