import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import CertKit

/// Whether certbot goes on renewing a lineage, seen from its files.
@Suite struct UpkeepTests {
    private static let day = 86_400.0

    private func ids(_ made: MadeLineage, left days: Double) async throws -> [FindingID] {
        let generation = try await made.read()
        return Upkeep(of: generation.withoutKey, on: generation.leaf.notAfter - days * Self.day).findings.map(\.id)
    }

    @Test(arguments: ["160h", "45d", "64d", "90d", "200d"])
    func `a certificate of any lifetime is fine until certbot is late`(lifetime: String) async throws {
        let made = try await MadeLineage(
            ["--not-before=+0h", "--not-after=+\(lifetime)", "--certbot-version", "5.6.0"])
        let leaf = try await made.read().leaf
        let days = leaf.lifetime / Self.day
        let late = days / (days < 10 ? 2 : 3) - max(1, days / 20)
        for share in stride(from: 1.0, to: 0.0, by: -0.1) {
            let left = late + (days - late) * share
            #expect(try await ids(made, left: left) == [], "\(left) of \(days) days left")
        }
        #expect(try await ids(made, left: late - 0.01) == [.renewalOverdue])
        #expect(try await ids(made, left: 0) == [.renewalOverdue])
        // What has expired says so itself.
        #expect(try await ids(made, left: -1) == [])
    }

    @Test func `an overdue renewal says since when, and whether the date is sure`() async throws {
        for (version, words) in [("2.1.0", "Z on, and has not"), ("5.6.0", "Z on at the latest, and has not")] {
            let made = try await MadeLineage(["--certbot-version", version])
            let generation = try await made.read()
            let found = Upkeep(of: generation.withoutKey, on: generation.leaf.notAfter - Self.day).findings
            #expect(found.first?.message.contains(words) == true)
            #expect(found.first?.severity == .warning)
        }
    }

    @Test func `without its renewal file, or with a useless one, certbot renews nothing`() async throws {
        let made = try await MadeLineage()
        try made.scratch.write("version = 2.1.0\n[renewalparams]\n", to: "letsencrypt/renewal/site.conf")
        let generation = try await made.read()
        let useless = Upkeep(of: generation.withoutKey, on: generation.leaf.notBefore).findings
        #expect(useless.map(\.id) == [.noRenewalConf])
        #expect(useless.first?.message.contains("lacks cert, privkey, chain, fullchain, authenticator") == true)
        try made.scratch.remove("letsencrypt/renewal/site.conf")
        #expect(try await ids(made, left: 60) == [.noRenewalConf])
        #expect(Upkeep(of: generation.withoutKey, on: generation.leaf.notBefore).renewal == nil)
    }

    @Test func `a newer generation in the archive than in live is told, once it is complete`() async throws {
        let made = try await MadeLineage()
        func ids(after seconds: Double) async throws -> [FindingID] {
            Upkeep(of: try await made.read().withoutKey, on: Date.now + seconds).findings.map(\.id)
        }
        #expect(try await ids(after: 3600).filter { $0 == .generationStale } == [])
        try await made.renew(to: 2, ["--archive-only"])
        // certbot may be about to link it.
        #expect(try await ids(after: 1).filter { $0 == .generationStale } == [])
        #expect(try await ids(after: 3600).filter { $0 == .generationStale } == [.generationStale])
        try made.scratch.write("half", to: made.archive("fullchain2.pem"))
        #expect(try await ids(after: 3600).filter { $0 == .generationStale } == [])
        try made.scratch.remove(made.archive("fullchain2.pem"))
        #expect(try await ids(after: 3600).filter { $0 == .generationStale } == [])
    }

    @Test func `of another client's directory certbot knows nothing`() async throws {
        let made = try await MadeLineage()
        try made.scratch.remove("letsencrypt/renewal/site.conf")
        let other = try Lineage(made.letsencrypt.appending("live/site").string, below: "/etc/letsencrypt")
        let upkeep = Upkeep(of: try await made.read(as: other).withoutKey, on: Date.now)
        #expect(upkeep.findings.isEmpty)
        #expect(upkeep.renewal == nil)
    }
}
