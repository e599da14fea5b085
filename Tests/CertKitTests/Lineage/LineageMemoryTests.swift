import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import CertKit

/// What is remembered of key pairs, and what it lets a reader leave out.
@Suite struct LineageMemoryTests {
    private let made: MadeLineage
    private let signatures = SignatureMemory()

    init() async throws { made = try await MadeLineage() }

    private func read(recalling signatures: SignatureMemory?) async throws -> Generation {
        var reader = GenerationReader(bound: .zero) { .now + 3600 }
        reader.memory = LineageMemory(signatures: signatures)
        return try await reader.read(made.lineage, on: SteppingClock())
    }

    @Test func `a pair that belongs together is remembered, and the key stays the same one`() async throws {
        let first = try await read(recalling: signatures)
        let record = try #require(signatures.recorded(forgettingUnused: false))
        let recalled = SignatureMemory(recorded: record.span)
        let later = try #require(recalled)
        let second = try await read(recalling: later)
        #expect(second.key.publicKey == first.key.publicKey)
        #expect(second.key.der == first.key.der)
        #expect(later.recorded(forgettingUnused: true) == nil, "it was asked for, and nothing is new")
    }

    @Test func `another key in the file is computed, and found to be another`() async throws {
        _ = try await read(recalling: signatures)
        try await swapKey()
        await #expect(throws: LineageError.keyMismatch(lineage: "site")) { try await read(recalling: signatures) }
        await #expect(throws: LineageError.keyMismatch(lineage: "site"), "and nothing was remembered of it") {
            try await read(recalling: signatures)
        }
    }

    /// Believing is made visible by a memory that is wrong.
    @Test func `the memory is believed for these bytes and this leaf alone, and without it nothing is`() async throws {
        let leaf = try await read(recalling: nil).leaf.publicKey
        try await swapKey()
        let key = try key()
        key.der.withSpan { signatures.remember(leaf, halfOf: $0, labelled: key.format.rawValue) }
        let believed = try await read(recalling: signatures)
        #expect(believed.key.der == key.der)
        await #expect(throws: LineageError.keyMismatch(lineage: "site")) { try await read(recalling: nil) }

        let other = SignatureMemory()
        key.der.withSpan { other.remember(leaf, halfOf: $0, labelled: PrivateKey.Format.sec1.rawValue) }
        key.der.withSpan { other.remember(key.publicKey, halfOf: $0, labelled: key.format.rawValue) }
        await #expect(throws: LineageError.keyMismatch(lineage: "site")) { try await read(recalling: other) }
    }

    private func key() throws -> PrivateKey {
        let path = made.lineage.directory.appending("privkey.pem")
        return try readFile(at: path).parsed().soleKey(of: path.string)
    }

    /// Puts another lineage's key in the place of the own one.
    private func swapKey() async throws {
        try await MadeCertificates.lineage("other", below: made.letsencrypt)
        try made.relink("privkey.pem", to: "../../archive/site/privkey1.pem")
        let key = try made.scratch.read("letsencrypt/archive/other/privkey1.pem")
        try key.write(
            toFile: made.scratch.file(made.archive("privkey1.pem")).string, atomically: false, encoding: .utf8)
    }
}
