import CertKit
import FoundationEssentials
import Testing

private let systemBundle = "/etc/ssl/certs/ca-certificates.crt"

/// Against the anchors that this host trusts, as the package ca-certificates installs them.
@Suite(.enabled(if: FileManager.default.fileExists(atPath: systemBundle)))
struct SystemTrustTests {
    private func anchors() throws -> [Certificate] {
        let text = Array(try Data(contentsOf: URL(filePath: systemBundle)))
        return try PEMBlock.all(in: text.span, of: systemBundle, sizeLimit: 1 << 24).map {
            try $0.certificate(in: text.span, of: systemBundle)
        }
    }

    @Test func `every anchor of the system is read, and found by its name and its own signature`() throws {
        let anchors = try anchors()
        #expect(anchors.count > 50)
        let store = TrustStore.system()
        for anchor in anchors {
            #expect(throws: Never.self) { try anchor.checkedByLibcrypto() }
            #expect(store.contains(anchor), "\(anchor.subject)")
            // Some authorities have two anchors for one key.
            guard anchor.isSelfIssued else { continue }
            #expect(store.anchor(issuing: anchor)?.publicKey == anchor.publicKey, "\(anchor.subject)")
        }
    }

    @Test func `a certificate of a private authority has no anchor in the system`() throws {
        let store = TrustStore.system()
        #expect(try store.anchor(issuing: Certificate.sample(Sample.intermediate)) == nil)
        #expect(try store.anchor(issuing: Certificate.sample(Sample.leaf)) == nil)
    }
}
