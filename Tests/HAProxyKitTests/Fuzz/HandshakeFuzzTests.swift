import CertKit
import TestSupport
import Testing

@testable import HAProxyKit

/// What a server sends, changed at random: none of it ends certd, and none is taken for a proof.
///
/// The seeds are what real servers sent to another client, up to their Finished.
@Suite(.endsGuidedFuzzing) struct HandshakeFuzzTests {
    @Test func `whatever a server sends, no handshake comes about that it did not make`() throws {
        let fuzzer = try Fuzzer(
            "handshake", runsPerSecond: 2_000,
            words: [
                "\u{16}\u{03}\u{03}", "\u{15}\u{03}\u{03}\u{00}\u{02}\u{02}\u{28}",
                "\u{14}\u{03}\u{03}\u{00}\u{01}\u{01}",
                "\u{16}\u{03}\u{03}\u{40}\u{00}", "\u{0B}\u{00}", "\u{0E}\u{00}\u{00}\u{00}", "\u{30}\u{00}",
                "\u{00}\u{00}\u{00}",
            ])
        let (_, understood) = try fuzzer.run { input, name in
            let connection = try TLSConnection(in: TLSContext.shared(for: .any))
            try connection.setServerName("pbx.example.org")
            _ = try connection.handshake()
            _ = connection.takeOutput()
            connection.put(input.span)
            do throws(TLSFailure) {
                #expect(try connection.handshake() == .needsInput, "\(name)")
            } catch {
                let words =
                    switch error {
                    case .alert(let name): name
                    case .other(let reason): reason
                    case .chainTooLarge, .unusableServerName: "\(error)"
                    }
                #expect(!words.isEmpty && words.printable == words, "\(name): \(words)")
            }
            // What an alert answers is all that is left to say.
            #expect(connection.takeOutput().count < 100, "\(name)")
            let sent = connection.peerCertificates()
            guard let leaf = sent.first else { return false }
            let chain = ServedChain(leaf: leaf, others: Array(sent.dropFirst()))
            for der in chain.certificates {
                // libssl has taken it, which reads more than CertKit lets pass.
                guard let certificate = try? Certificate(der: der) else { continue }
                #expect(certificate.der == der, "\(name)")
            }
            return true
        }
        #expect(understood > 5)
    }
}
