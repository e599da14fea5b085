import FoundationEssentials
import TestSupport
import Testing

@testable import CertKit

/// PEM files and keys changed at random, held against libcrypto.
@Suite(.endsGuidedFuzzing) struct PEMFuzzTests {
    @Test func `what is read of a changed PEM file libcrypto reads too, and the same`() throws {
        let fuzzer = try Fuzzer(
            "pem", runsPerSecond: 2_000,
            words: [
                "-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n", "-----BEGIN PRIVATE KEY-----\n",
                "-----\n", "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n", "\r\n",
                "====", "\u{FEFF}", "-----BEGIN", "Proc-Type: 4,ENCRYPTED\n\n", "\0", "\u{0B}", " ",
            ])
        let (_, understood) = try fuzzer.run { input, name in
            guard let contents = try? PEMContents(parsing: input.span, file: "changed.pem") else { return false }
            let read = LibcryptoReading(input)
            #expect(contents.certificates.map(\.der) == read.certificates, "\(name)")
            #expect(!read.hasUnfitExtension, "\(name)")
            if let key = contents.keys.first { #expect(key.publicKey.spki == read.publicKey, "\(name)") }
            return true
        }
        #expect(understood > 5)
    }

    @Test func `the public half of a changed key is the one that libcrypto computes`() throws {
        let fuzzer = try Fuzzer(
            "key", runsPerSecond: 5_000, words: ["\u{30}\u{80}", "\u{02}\u{01}\u{00}", "\u{04}\u{00}"])
        let (_, understood) = try fuzzer.run { input, name in
            var isRead = false
            for format in [PrivateKey.Format.pkcs8, .pkcs1, .sec1] {
                guard let key = try? PrivateKey(der: SecretBytes(copying: input.span), format: format) else { continue }
                isRead = true
                let body = Data(input).base64EncodedString(options: .lineLength64Characters)
                let text = "-----BEGIN \(format.rawValue)-----\n\(body)\n-----END \(format.rawValue)-----\n"
                #expect(LibcryptoReading(Array(text.utf8)).publicKey == key.publicKey.spki, "\(name) as \(format)")
            }
            return isRead
        }
        #expect(understood >= 7)
    }

    @Test func `certbot's renewal files are read whatever stands in them, and comments change nothing`() throws {
        let fuzzer = try Fuzzer(
            "renewal", runsPerSecond: 10_000,
            words: [
                "[renewalparams]\n", "[", "]", "=", "#", "\"", "'''", "autorenew = False\n", "version = ", "\r", "\t",
            ])
        try fuzzer.run { input, name in
            let file = RenewalFile(parsing: input.span)
            for commented in [Array("# x = y\n".utf8) + input, input + Array("\n# [renewalparams]".utf8)] {
                #expect(RenewalFile(parsing: commented.span) == file, "\(name)")
            }
            return file.missing.isEmpty
        }
    }
}
