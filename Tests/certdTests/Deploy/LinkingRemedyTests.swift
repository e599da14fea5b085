import CertKit
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// Whether certbot does what the remedies promise where live stands behind the archive: asked of the real one.
@Suite struct LinkingRemedyTests {
    private static let name = "pbx.example.org"

    @Test func `the remedy of an older certificate than the served one links the newest`() async throws {
        let scratch = try await behind()
        let lineage = try Lineage(Self.name, below: scratch.path)
        let generation = try await GenerationReader(bound: .seconds(5)) { Date.now }.read(
            lineage, on: ContinuousClock())
        let served = Served(
            notBefore: generation.leaf.notBefore, notAfter: generation.leaf.notAfter, names: [], isSelfSigned: false,
            isForClientAuthentication: false, fingerprint: nil, generationNumber: 2, findings: [])
        let found = Guards(now: Date.now, isForced: false).comparison(of: generation, with: served)
        #expect(found.map(\.id) == [.downgradeRefused])
        let remedy = try #require(found.first).remedy
        // This one only turns links to where the archive has been moved.
        #expect(!remedy.contains("update_symlinks"))
        try await certbot(doing: remedy, in: scratch)
        #expect(try linked(in: scratch) == "../../archive/\(Self.name)/fullchain2.pem")
    }

    @Test func `the remedy of a newer generation in the archive links it`() async throws {
        let scratch = try await behind()
        let lineage = try Lineage(Self.name, below: scratch.path)
        let now = Date.now + 3600
        let generation = try await GenerationReader(bound: .seconds(5)) { now }.read(lineage, on: ContinuousClock())
        let found = Upkeep(of: generation.withoutKey, on: now).findings
        #expect(found.map(\.id) == [.generationStale])
        try await certbot(doing: try #require(found.first).remedy, in: scratch)
        #expect(try linked(in: scratch) == "../../archive/\(Self.name)/fullchain2.pem")
    }

    /// A lineage whose newest generation stands in the archive alone.
    private func behind() async throws -> ScratchDirectory {
        let scratch = try ScratchDirectory()
        try await MadeCertificates.lineage(Self.name, below: scratch.path, now: nil)
        try await MadeCertificates.lineage(
            Self.name, below: scratch.path, ["--generation", "2", "--archive-only"], now: nil)
        return scratch
    }

    private func linked(in scratch: ScratchDirectory) throws -> String {
        try FileManager.default.destinationOfSymbolicLink(
            atPath: scratch.file("live").appending("\(Self.name)/fullchain.pem").string)
    }

    /// Runs the command of certbot's that `remedy` names.
    private func certbot(doing remedy: String, in scratch: ScratchDirectory) async throws {
        let start = try #require(remedy.ranges(of: "certbot ").last?.lowerBound)
        let words = remedy[start...].prefix { $0 != ";" }.split(separator: " ").map(String.init)
        let directories = ["config", "work", "logs"].flatMap {
            ["--\($0)-dir", $0 == "config" ? scratch.path.string : scratch.file($0).string]
        }
        try await requireTool(words[0], words.dropFirst() + ["--no-random-sleep-on-renew"] + directories)
    }
}
