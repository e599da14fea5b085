import COpenSSL
import FoundationEssentials
import TestSupport
import Testing

@testable import CertKit

/// Files as a crash, a bad disk or an enemy leaves them: 10,000 of them, the same in every run, held against libcrypto.
@Suite struct MutatedFilesTests {
    private static let count = 10_000
    /// fullchain.pem and combined.pem in several kinds, the text that is broken.
    private static let originals = [
        Sample.leaf + Sample.intermediate, Sample.leaf + Sample.intermediate + Sample.leafKey,
        Sample.rsa + Sample.intermediate + Sample.root, Sample.ed25519 + Sample.extended,
    ]

    @Test func `of ten thousand broken files none is read for long, and none is read that libcrypto does not read`()
        throws
    {
        var generator = SeededGenerator(seed: 4)
        var accepted = 0
        var changed = 0
        for number in 0..<Self.count {
            let original = Array(Self.originals[number % Self.originals.count].utf8)
            let bytes = mutatedFile(original, using: &generator)
            let start = ContinuousClock.now
            let contents = try? PEMContents(parsing: bytes.span, file: "broken.pem")
            let time = ContinuousClock.now - start
            #expect(time < .seconds(1), "file \(number)")
            guard let contents else { continue }
            accepted += 1
            let read = LibcryptoReading(bytes)
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(contents.certificates.map(\.der) == read.certificates, "file \(number):\n\(text)")
            #expect(!read.hasUnfitExtension, "file \(number):\n\(text)")
            #expect(contents.keys.count != 1 || read.hasKey, "file \(number):\n\(text)")
            if bytes != original { changed += 1 }
        }
        // Many changes are harmless: a line end, text between the blocks.
        #expect((500..<8_000).contains(accepted), "\(accepted) of which \(changed) changed: they must be worth reading")
    }
}

/// What libcrypto makes of a PEM text, read as a server does.
private struct LibcryptoReading {
    var certificates: [[UInt8]] = []
    /// Whether it finds an extension of one unfit.
    var hasUnfitExtension = false
    var hasKey = false

    init(_ bytes: [UInt8]) {
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let text = unsafe BIO_new_mem_buf(bytes, Int32(bytes.count)) else { return }
        defer { unsafe BIO_free(text) }
        while let certificate = unsafe PEM_read_bio_X509(text, nil, nil, nil) {
            var der = [UInt8](repeating: 0, count: max(0, Int(unsafe i2d_X509(certificate, nil))))
            unsafe der.withUnsafeMutableBufferPointer { buffer in
                var cursor = buffer.baseAddress
                _ = unsafe i2d_X509(certificate, &cursor)
            }
            certificates.append(der)
            if unsafe X509_get_extension_flags(certificate) & UInt32(EXFLAG_INVALID) != 0 { hasUnfitExtension = true }
            unsafe X509_free(certificate)
        }
        guard let again = unsafe BIO_new_mem_buf(bytes, Int32(bytes.count)) else { return }
        defer { unsafe BIO_free(again) }
        if let key = unsafe PEM_read_bio_PrivateKey(again, nil, nil, nil) {
            hasKey = true
            unsafe EVP_PKEY_free(key)
        }
    }
}
