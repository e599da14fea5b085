import Glibc
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
            let start = Self.cpuTime
            let contents = try? PEMContents(parsing: bytes.span, file: "broken.pem")
            let time = Self.cpuTime - start
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

    /// What this thread has used, which tells nothing of what else the machine does.
    private static var cpuTime: Duration {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
