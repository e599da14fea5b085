import CertKit
import Testing

@Suite struct PrivateKeyTests {
    @Test(arguments: [
        (Sample.leafKey, Sample.leaf), (Sample.leafKeySEC1, Sample.leaf),
        (Sample.leafKeyWithoutPublicHalf, Sample.leaf), (Sample.rsaKey, Sample.rsa), (Sample.rsaKeyPKCS1, Sample.rsa),
        (Sample.ed25519Key, Sample.ed25519),
    ])
    func `a key matches its own certificate and no other`(key: String, certificate: String) throws {
        let key = try PrivateKey.sample(key)
        #expect(try key.matches(Certificate.sample(certificate)))
        #expect(try !key.matches(Certificate.sample(Sample.intermediate)))
        #expect(throws: Never.self) { try key.checkedByLibcrypto() }
    }

    @Test(arguments: [
        (Sample.leafKey, "EC P-256"), (Sample.p521Key, "EC P-521"), (Sample.rsaKey, "RSA 2048"),
        (Sample.ed25519Key, "Ed25519"), (Sample.secp256k1Key, "EC secp256k1"),
        (Sample.otherKeyWithParameters, "EC P-256"),
    ])
    func `a key tells its kind`(key: String, kind: String) throws {
        #expect(try PrivateKey.sample(key).kind.description == kind)
    }

    @Test(arguments: [
        Sample.leafKey, Sample.leafKeySEC1, Sample.leafKeyWithoutPublicHalf, Sample.rsaKey, Sample.rsaKeyPKCS1,
        Sample.ed25519Key, Sample.p521Key,
    ])
    func `the PEM of a key is the one it came in`(text: String) throws {
        let key = try PrivateKey.sample(text)
        let rendered = [UInt8](capacity: key.pemCount) { key.appendPEM(to: &$0) }
        #expect(String(decoding: rendered, as: UTF8.self) == text)
    }

    @Test func `a key shows its kind and nothing else`() throws {
        let key = try PrivateKey.sample(Sample.ed25519Key)
        var dumped = ""
        dump(key, to: &dumped)
        #expect("\(key)" == "PrivateKey(Ed25519)")
        #expect(String(reflecting: key) == "PrivateKey(Ed25519)")
        #expect(!dumped.contains("der"))
    }

    @Test(arguments: [(Sample.ed448Key, "Ed448"), (Sample.sm2Key, "SM2"), (Sample.dsaKey, "DSA")])
    func `kinds that are not deployed are named`(key: String, type: String) {
        #expect(throws: PEMError.keyTypeRefused(file: "sample.pem", line: 1, type: type)) {
            try PrivateKey.sample(key)
        }
    }
}
