import FoundationEssentials
import Testing

@testable import HAProxyKit

@Suite struct LoadedCertificateTests {
    /// As HAProxy 3.2 prints a certificate of a crt-store with a chain of two.
    static let answer = """
        Filename: @web/site
        Status: Used
        Crt filename: /etc/haproxy/certs/site.pem
        Serial: 42A
        notBefore: Nov  3 04:09:13 2026 GMT
        notAfter: Dec 31 23:59:59 9999 GMT
        Subject Alternative Name: DNS:site.example, DNS:*.b.example, , , DNS:c.example
        Algorithm: EC256
        SHA1 FingerPrint: 4F6E4D95729AED95EF04FAF8C1F66AAC25286742
        Subject: /C=DE/O=Ex: Ample, Inc/CN=site.example
        Issuer: /C=US/O=Let's Encrypt/CN=E7
        Chain Subject: /C=US/O=Let's Encrypt/CN=E7
        Chain Issuer: /C=US/O=ISRG/CN=ISRG Root X1
        Chain Subject: /C=US/O=ISRG/CN=ISRG Root X1
        Chain Issuer: /C=US/O=ISRG/CN=ISRG Root X1
        OCSP Response Key: 


        """

    @Test func `every line that counts is read`() throws {
        let loaded = try #require(LoadedCertificate(RuntimeAnswer(Self.answer)))
        let leaf = try #require(loaded.leaf)
        #expect(loaded.name == "@web/site")
        #expect(loaded.status == .used)
        #expect(loaded.chainSubjects == ["/C=US/O=Let's Encrypt/CN=E7", "/C=US/O=ISRG/CN=ISRG Root X1"])
        #expect(leaf.serial == "042a")
        #expect(leaf.algorithm == .ecdsa)
        #expect(leaf.sha1 == "4f6e4d95729aed95ef04faf8c1f66aac25286742")
        #expect(leaf.notBefore == Date(timeIntervalSince1970: 1_793_678_953))
        #expect(leaf.notAfter == Date(timeIntervalSince1970: 253_402_300_799))
        #expect(leaf.subject == "/C=DE/O=Ex: Ample, Inc/CN=site.example")
        #expect(leaf.issuer == "/C=US/O=Let's Encrypt/CN=E7")
        #expect(leaf.names == ["site.example", "*.b.example", "c.example"])
    }

    @Test func `an empty certificate has no leaf`() throws {
        let answer = RuntimeAnswer("Filename: new.pem\nStatus: Empty\nOCSP Response Key: \n\n")
        let loaded = try #require(LoadedCertificate(answer))
        #expect(loaded.status == .empty)
        #expect(loaded.leaf == nil)
        #expect(loaded.chainSubjects == [])
    }

    @Test(arguments: [
        ("Filename: @web/site\n", ""), ("Status: Used", "Status: Perhaps"), ("Serial: 42A", "Serial: "),
        ("Serial: 42A", "Serial: 42G"), ("4F6E4D", ""), ("SHA1 FingerPrint", "SHA2"), ("Nov  3", "Nov x3"),
        ("Nov  3", "Nev  3"), ("9999 GMT", "9999 CET"), ("Dec 31 23:59:59 9999 GMT", "later"), ("Subject: /C=DE", "S"),
        ("Issuer: /C=US/O=Let", "I"),
        // A line feed in a hostile name must not bring a second fingerprint.
        ("DNS:c.example", "DNS:c\nSHA1 FingerPrint: 0000000000000000000000000000000000000000"),
    ])
    func `a line missing, doubled or unreadable makes the whole unreadable`(line: String, instead: String) {
        let parts = Self.answer.components(separatedBy: line)
        let changed = parts.prefix(1).joined() + instead + parts.dropFirst().joined(separator: line)
        #expect(changed != Self.answer)
        #expect(LoadedCertificate(RuntimeAnswer(changed)) == nil)
    }

    @Test func `an answer cut anywhere is read wholly or not at all`() {
        let whole = LoadedCertificate(RuntimeAnswer(Self.answer))?.leaf
        for length in 0..<Self.answer.count {
            let leaf = LoadedCertificate(RuntimeAnswer(String(Self.answer.prefix(length))))?.leaf
            #expect(leaf == nil || leaf?.sha1 == whole?.sha1)
        }
    }

    @Test(arguments: [
        ("Version: 3.4-dev5\nPid: 7\nUptime_sec: 9\nStopping: 1\n\n", true), ("Pid: 7\nUptime_sec: 9\n\n", false),
        ("Version: 2.6.12\nPid: x\nUptime_sec: 9\n\n", false), ("Version: 2.6.12\nPid: 7\n\n", false), ("\n", false),
    ])
    func `process info is whole or none`(text: String, known: Bool) {
        let info = HAProxyProcess(RuntimeAnswer(text))
        #expect((info != nil) == known)
        #expect(info.map { $0.isStopping && $0.isDevelopment } ?? true)
    }
}
