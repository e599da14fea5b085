import Testing

@testable import CertKit

@Suite struct PEMErrorTests {
    private static let errors: [(PEMError, FindingID, Int?)] = [
        (.empty(file: "f.pem"), .pemUnreadable, nil), (.tooLarge(file: "f.pem", limit: 10), .fileTooLarge, nil),
        (.tooManyCertificates(file: "f.pem", limit: 100), .tooManyCertificates, nil),
        (.notPEM(file: "f.pem", looksLike: .der), .notPEM, nil),
        (.notPEM(file: "f.pem", looksLike: .utf16), .notPEM, nil),
        (.notPEM(file: "f.pem", looksLike: .text), .notPEM, nil),
        (.unreadable(file: "f.pem", line: 3, .bareCarriageReturn), .pemUnreadable, 3),
        (.unreadable(file: "f.pem", line: 3, .trustedCertificate), .pemUnreadable, 3),
        (.unreadable(file: "f.pem", line: 3, .strayBits), .pemUnreadable, 3),
        (.encryptedKey(file: "f.pem", line: 3), .keyEncrypted, 3),
        (.notAPrivateKey(file: "f.pem", line: 3, label: "PUBLIC KEY"), .keyNotPrivate, 3),
        (.keyTypeRefused(file: "f.pem", line: 3, type: "DSA"), .keyTypeRefused, 3),
        (.missingKey(file: "f.pem"), .keyMissing, nil),
        (.ambiguousKey(file: "f.pem", lines: [1, 7]), .keyAmbiguous, 7),
    ]

    @Test(arguments: errors)
    func `an error names its rule, the file, the line and a command`(error: PEMError, id: FindingID, line: Int?) {
        #expect(error.findingID == id)
        #expect(error.location == "f.pem")
        #expect(error.line == line)
        #expect(error.description.hasPrefix("f.pem:"))
        #expect(
            ["openssl ", "certbot ", "iconv ", "tr ", "certd "].contains { error.remedy.contains($0) },
            "\(error.remedy)")
    }

    @Test(arguments: [
        PEMFault.beginWithoutEnd, .endWithoutBegin, .endOfAnotherLabel, .crowdedBoundary, .bareCarriageReturn,
        .emptyBody,
        .blankLine, .notBase64, .cutShort, .strayBits, .headers, .trustedCertificate,
        .unexpectedBlock(label: "X509 CRL"),
        .unsoundContent("why"),
    ])
    func `a fault is told in one line, in lower case and without a full stop`(fault: PEMFault) {
        let text = fault.description
        #expect(!text.isEmpty && !text.contains("\n") && text.last != ".")
    }

    @Test(
        arguments: [
            CertificateError.malformed(.badTime, offset: 9), CertificateError.refusedByLibcrypto(sampleFailure),
            PrivateKeyError.malformed(.cutShort), PrivateKeyError.halvesDiffer,
            PrivateKeyError.refusedByLibcrypto(sampleFailure),
        ] as [any Diagnosis])
    func `what is not a certificate or a key stops a deployment`(error: any Diagnosis) {
        #expect(error.findingID == .pemUnreadable)
        #expect(error.finding.severity == .critical)
        #expect(error.remedy.contains("certbot renew"))
    }

    @Test func `a refused kind of key is a finding of its own`() {
        #expect(PrivateKeyError.typeRefused("DSA").findingID == .keyTypeRefused)
    }

    private static let sampleFailure = CryptoError(action: "parsing a certificate", reason: "wrong tag")
}
