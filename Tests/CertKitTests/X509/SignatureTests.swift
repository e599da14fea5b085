import CertKit
import Testing

@Suite struct SignatureTests {
    @Test(arguments: [
        (Sample.leaf, Sample.intermediate, true), (Sample.rsa, Sample.intermediate, true),
        (Sample.intermediate, Sample.root, true), (Sample.root, Sample.root, true),
        (Sample.ed25519, Sample.ed25519, true),
        (Sample.leaf, Sample.root, false), (Sample.leaf, Sample.rsa, false), (Sample.ed25519, Sample.leaf, false),
        (Sample.pss, Sample.pss, true), (Sample.pss, Sample.rsa, true), (Sample.pss, Sample.leaf, false),
        (Sample.leaf, Sample.ed25519, false),
    ])
    func `a signature is verified, whatever the names say`(signed: String, issuer: String, holds: Bool) throws {
        #expect(try Certificate.sample(signed).isSigned(by: Certificate.sample(issuer)) == holds)
    }

    @Test func `one key verifies in many threads at once`() async throws {
        let leaf = try Certificate.sample(Sample.leaf)
        let key = try IssuerKey(Certificate.sample(Sample.intermediate).publicKey)
        let other = try Certificate.sample(Sample.intermediate)
        let verified = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<64 { group.addTask { key.signed(leaf) && !key.signed(other) } }
            return await group.reduce(true) { $0 && $1 }
        }
        #expect(verified)
    }

    @Test func `a key on no curve verifies nothing`() throws {
        let root = try Certificate.sample(Sample.root)
        var der = root.der
        let key = try #require(der.firstRange(of: root.publicKey.spki))
        der[key.upperBound - 1] ^= 1
        let broken = try Certificate(der: der)
        #expect(throws: CertificateError.self) { try IssuerKey(broken.publicKey) }
        #expect(!root.isSigned(by: broken))
    }

    @Test func `one changed byte ends a signature`() throws {
        let leaf = try Certificate.sample(Sample.leaf)
        var der = leaf.der
        let place = try #require(der.firstRange(of: Array("pbx.example.com".utf8))?.lowerBound)
        der[place] = UInt8(ascii: "q")
        #expect(try !Certificate(der: der).isSigned(by: Certificate.sample(Sample.intermediate)))
    }

    @Test(arguments: [Sample.leaf, Sample.rsa, Sample.intermediate, Sample.root, Sample.ed25519])
    func `libcrypto loads what is read`(text: String) throws {
        #expect(throws: Never.self) { try Certificate.sample(text).checkedByLibcrypto() }
    }

    @Test func `libcrypto has the last word on a point that is on no curve`() throws {
        let leaf = try Certificate.sample(Sample.leaf)
        var der = leaf.der
        let place = try #require(der.firstRange(of: leaf.publicKey.spki)?.upperBound) - 1
        der[place] ^= 1
        let broken = try Certificate(der: der)
        #expect(throws: CertificateError.self) { try broken.checkedByLibcrypto() }
    }
}
