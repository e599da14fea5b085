import COpenSSL
import TestSupport
import Testing

@testable import CertKit

/// Holds the reader against libcrypto with certificates that were changed at random, the same ones in every run.
@Suite struct DifferentialTests {
    private static let samples = [
        Sample.leaf, Sample.intermediate, Sample.root, Sample.rsa, Sample.ed25519, Sample.extended,
    ]

    @Test(arguments: samples.indices)
    func `what is read of a broken certificate libcrypto reads too`(sample: Int) throws {
        var generator = SeededGenerator(seed: UInt64(sample))
        let der = try Certificate.sample(Self.samples[sample]).der
        var read = 0
        for _ in 0..<1_500 {
            var mutant = mutatedBytes(der, using: &generator)
            if Bool.random(using: &generator) { mutant = mutatedBytes(mutant, using: &generator) }
            if try isRead(mutant) { read += 1 }
        }
        #expect((1..<1_450).contains(read), "the changes must be worth reading")
    }

    @Test(arguments: samples.indices)
    func `what is read of a changed certificate libcrypto reads too`(sample: Int) throws {
        var generator = SeededGenerator(seed: UInt64(100 + sample))
        let der = try Certificate.sample(Self.samples[sample]).der
        let original = try #require(DERTree.forest(der[...]).first)
        #expect(original.bytes == der)
        var read = 0
        for _ in 0..<1_500 {
            var mutant = original
            mutant.mutate(using: &generator)
            if try isRead(mutant.bytes) { read += 1 }
        }
        #expect((1..<1_450).contains(read), "the changes must be worth reading")
    }

    /// Whether the reader takes it; then libcrypto must, and hold the same bytes, and every getter must answer.
    private func isRead(_ der: [UInt8]) throws -> Bool {
        guard let certificate = try? Certificate(der: der) else { return false }
        do {
            let handle = try X509Handle.parse(der.span)
            #expect(handle.der == der)
            let isUnfit = unsafe X509_get_extension_flags(handle.pointer) & UInt32(EXFLAG_INVALID) != 0
            #expect(!isUnfit, "libcrypto finds an extension unfit: \(hexadecimal(der))")
        } catch {
            Issue.record("libcrypto does not read \(hexadecimal(der)): \(error)")
        }
        _ = certificate.subject.description + certificate.issuer.description + certificate.publicKey.description
        _ = (
            certificate.names, certificate.extendedKeyUsages, certificate.unknownCriticalExtensions, certificate.serial
        )
        return true
    }
}
