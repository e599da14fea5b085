import CertKit
import Testing

@Suite struct TrustStoreTests {
    private func store(_ text: String) throws(PEMError) -> TrustStore {
        try TrustStore(parsing: Array(text.utf8).span, file: "anchors.pem")
    }

    @Test func `an anchor is found by name and signature`() throws {
        let store = try store(Sample.ed25519 + Sample.root)
        let root = try Certificate.sample(Sample.root)
        #expect(try store.anchor(issuing: Certificate.sample(Sample.intermediate)) == root)
        #expect(store.anchor(issuing: root) == root)
        #expect(try store.anchor(issuing: Certificate.sample(Sample.leaf)) == nil)
        #expect(store.contains(root))
        #expect(try !store.contains(Certificate.sample(Sample.leaf)))
    }

    @Test func `an anchor of the right name with another key is none`() throws {
        let root = try Certificate.sample(Sample.root)
        var der = root.der
        let key = try #require(der.firstRange(of: root.publicKey.spki))
        // Another point in the same form: nobody's key, under the same name.
        der[key.upperBound - 1] ^= 1
        let store = try store(try Certificate(der: der).pem)
        #expect(try store.anchor(issuing: Certificate.sample(Sample.intermediate)) == nil)
    }

    @Test func `a store holds certificates and nothing else`() {
        #expect(throws: PEMError.unreadable(file: "anchors.pem", line: 1, .unexpectedBlock(label: "PRIVATE KEY"))) {
            try store(Sample.leafKey)
        }
    }

    @Test func `an anchor that was believed by its key identifier is asked for its signature all the same`() throws {
        let store = try store(Sample.root)
        let sound = try Certificate.sample(Sample.intermediate)
        var der = sound.der
        der[der.count - 1] ^= 1
        let damaged = try Certificate(der: der)
        #expect(store.anchor(issuing: damaged, believing: .keyIdentifier) != nil)
        #expect(store.anchor(issuing: damaged) == nil)
        #expect(store.anchor(issuing: sound) != nil)
        #expect(store.anchor(issuing: damaged) == nil)
    }
}
