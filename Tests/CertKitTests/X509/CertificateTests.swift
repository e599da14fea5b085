import CertKit
import FoundationEssentials
import Testing

@Suite struct CertificateTests {
    @Test func `a leaf says what it says`() throws {
        let leaf = try Certificate.sample(Sample.leaf)
        #expect(leaf.fingerprint.description == "9446e1ae96c51e293c4e5cce00ffc012ed59ede64bcfd462f7ec8d828bc78295")
        #expect(hexadecimal(leaf.sha1) == "bb902f4ae3c8cbdab4874b3b4e49727e16cc688f")
        #expect(leaf.serial.description == "581a5fde6dfd7baf9a8d079beafae4c8e14d7495")
        #expect(leaf.subject.description == "CN=pbx.example.com")
        #expect(leaf.issuer.description == "CN=Example R1,O=Example Trust,C=DE")
        #expect(leaf.issuer.organization == "Example Trust")
        #expect(leaf.publicKey.description == "EC P-256")
        #expect(leaf.signatureAlgorithm.description == "ECDSA with SHA-256")
        #expect(!leaf.isCA)
        #expect(leaf.pathLength == nil)
        #expect(leaf.keyUsage == .digitalSignature)
        #expect(leaf.extendedKeyUsages == ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"])
        #expect(hexadecimal(leaf.subjectKeyIdentifier ?? []) == "5aaff20735b3f37111bcb5aaa57181686cf2c526")
        #expect(hexadecimal(leaf.authorityKeyIdentifier ?? []) == "2f4b71dee37933ee0d852ba99c93856972d1a1bc")
        #expect(leaf.requiresStapling)
        #expect(!leaf.isSelfIssued)
        #expect(!leaf.hasNameConstraints)
        #expect(leaf.unknownCriticalExtensions.isEmpty)
    }

    @Test func `an intermediate says that it is one`() throws {
        let intermediate = try Certificate.sample(Sample.intermediate)
        #expect(intermediate.isCA)
        #expect(intermediate.pathLength == 0)
        #expect(intermediate.keyUsage == [.digitalSignature, .keyCertSign, .crlSign])
        #expect(intermediate.hasNameConstraints)
        #expect(intermediate.names.isEmpty)
        #expect(try Certificate.sample(Sample.root).isSelfIssued)
    }

    @Test func `names of every kind are told apart`() throws {
        let names = try Certificate.sample(Sample.leaf).names.map(\.description)
        #expect(
            names == [
                "pbx.example.com", "*.Example.com", "192.0.2.1", "2001:db8::1", "email:a@example.com",
                "URI:sip:pbx.example.com", "other:#88032a0304", "directory:O=directory",
            ])
    }

    @Test(arguments: [
        (Sample.leaf, 1_767_225_600.0, 1_775_046_896.0), (Sample.root, -662_688_000, 2_524_608_000),
        (Sample.ed25519, 1_767_225_600, 253_402_300_799),
    ])
    func `dates are read from both forms and far away`(text: String, start: Double, end: Double) throws {
        let certificate = try Certificate.sample(text)
        #expect(certificate.notBefore == Date(timeIntervalSince1970: start))
        #expect(certificate.notAfter == Date(timeIntervalSince1970: end))
        #expect(certificate.lifetime == end - start)
    }

    @Test func `a certificate without extensions has none`() throws {
        let bare = try Certificate.sample(Sample.ed25519)
        #expect(bare.publicKey.kind == .ed25519)
        #expect(bare.signatureAlgorithm == .ed25519)
        #expect(bare.names.isEmpty && bare.dnsNames.isEmpty)
        #expect(bare.keyUsage == nil && bare.extendedKeyUsages == nil)
        #expect(bare.subjectKeyIdentifier == nil && bare.authorityKeyIdentifier == nil)
    }

    @Test func `what has a meaning in a name's text is escaped`() throws {
        let rsa = try Certificate.sample(Sample.rsa)
        #expect(rsa.subject.description == "CN=rsa.example.com,O=Müller\\, Söhne \\+ Co")
        #expect(rsa.subject.organization == "Müller, Söhne + Co")
        #expect(rsa.subject.attributes.map(\.type) == ["O", "CN"])
        #expect(rsa.publicKey.description == "RSA 2048")
        #expect(rsa.publicKey.rsaExponent == 65537)
    }

    @Test func `two certificates are the same when their DER is`() throws {
        let (leaf, root) = (try Certificate.sample(Sample.leaf), try Certificate.sample(Sample.root))
        #expect(try leaf == Certificate(der: leaf.der))
        #expect(Set([leaf, try Certificate(der: leaf.der), root]).count == 2)
        #expect(try leaf.namesAsIssuer(Certificate.sample(Sample.intermediate)))
        #expect(!leaf.namesAsIssuer(root))
        #expect(root.subject == root.issuer)
        #expect(leaf.subject != leaf.issuer)
    }

    @Test(arguments: [Sample.leaf, Sample.root, Sample.rsa, Sample.ed25519])
    func `the PEM of a certificate is the one it came in`(text: String) throws {
        let certificate = try Certificate.sample(text)
        #expect(certificate.pem == text)
        #expect(certificate.pemCount == text.utf8.count)
    }

    @Test(arguments: [
        ("pbx.example.com", true), ("PBX.example.com", true), ("pbx.example.com.", true), ("www.example.com", true),
        ("*.example.com", true), ("192.0.2.1", true), ("2001:DB8:0::1", true), ("example.com", false),
        ("a.b.example.com", false), (".example.com", false), ("pbx.example.org", false), ("192.0.2.2", false),
        ("2001:db8::2", false), ("", false), (".", false), ("pbx", false), ("pbx.example.com\u{0}", false),
    ])
    func `a host is covered by a name or by a wildcard for one label`(host: String, covered: Bool) throws {
        #expect(try Certificate.sample(Sample.leaf).covers(host) == covered)
    }

    @Test func `a common name covers nothing`() throws {
        #expect(try !Certificate.sample(Sample.ed25519).covers("ed25519.example.com"))
    }
}
