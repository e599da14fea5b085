import CertKit
import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// Chains made to cost time: each certificate could have issued each, as far as names tell.
@Suite struct HostileChainTests {
    @Test(arguments: ["ec", "rsa", "p521"])
    func `a hundred authorities of one name are given up, not followed`(key: String) async throws {
        let scratch = try ScratchDirectory()
        try await MadeCertificates.namesakes(100, key: key, to: "chain.pem", in: scratch)
        let certificates = try readFile(at: scratch.file("chain.pem")).bytes.withSpan { text throws(PEMError) in
            try PEMContents(parsing: text, file: "chain.pem").certificates
        }
        let leaf = try #require(certificates.first)

        let start = processorSeconds()
        let chain = Chain(leaf: leaf, sent: Array(certificates.dropFirst()), trust: nil)
        let found = chain.findings(on: leaf.notBefore, location: "chain.pem").map(\.id)
        let spent = processorSeconds() - start

        #expect(found.contains(.chainBroken))
        #expect(spent < 1, "each of the 10,000 questions takes libcrypto 0.1 to 2 ms: \(spent) s")
    }

    @Test func `a short chain of authorities of one name is followed to its end`() async throws {
        let scratch = try ScratchDirectory()
        try await MadeCertificates.namesakes(8, key: "ec", to: "chain.pem", in: scratch)
        let certificates = try readFile(at: scratch.file("chain.pem")).bytes.withSpan { text throws(PEMError) in
            try PEMContents(parsing: text, file: "chain.pem").certificates
        }
        let leaf = try #require(certificates.first)
        let chain = Chain(leaf: leaf, sent: Array(certificates.dropFirst()), trust: nil)
        #expect(chain.path == certificates.dropFirst().reversed())
        #expect(!chain.isAmbiguous)
    }
}

/// The processor time of this thread: other tests run beside it.
private func processorSeconds() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
