import CertKit
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// certbot's own code against the reader: it renews by `RenewableCert.save_successor` and `update_all_links_to`, as a
/// renewal does.
@Suite(.enabled("certbot's code is not installed") { try await !CertbotStorage.installed().isEmpty })
struct CertbotRaceTests {
    private static let isLong = ProcessInfo.processInfo.environment["TEST_LONG"] != nil

    /// How often it was renewed and read, and what came of a reader that takes what the links lead to.
    fileprivate struct Figures {
        var renewals = 0
        var reads = 0
        var naiveReads = 0
        var naiveMixtures = 0
    }

    @Test(.timeLimit(.minutes(isLong ? 60 : 5 * Sanitizer.factor)))
    func `a lineage is never read torn while certbot renews it, which a naive reader would see`() async throws {
        let certbots = try await CertbotStorage.installed()
        let renewals = (CertbotRaceTests.isLong ? 10_000 : 300) / (2 * certbots.count)
        var figures = Figures()
        for certbot in certbots {
            for reusingKey in [false, true] {
                try await race(certbot, renewals, reusingKey: reusingKey, &figures)
            }
        }
        let versions = certbots.map(\.version).joined(separator: " and ")
        print(
            "raced \(figures.renewals) renewals by certbot \(versions): \(figures.reads) reads, 0 torn; \(figures.naive)"
        )
        #expect(figures.reads > figures.renewals)
        // That there was a race at all; in a short one it may be missed.
        #expect(!CertbotRaceTests.isLong || figures.naiveMixtures > 0)
    }

    private func race(
        _ storage: CertbotStorage, _ renewals: Int, reusingKey: Bool, _ figures: inout Figures
    ) async throws {
        let made = try await MadeLineage()
        try await made.renew(to: 2)
        let certbot = try await storage.start(made.letsencrypt, made.lineage.name, reusingKey: reusingKey)
        let reader = GenerationReader(bound: .seconds(30)) { .now }
        var latest = 2
        for next in 3..<(3 + renewals) {
            async let renewed = certbot.ask("renew")
            // Each generation is one of two pairs of certificate and key: a mixture of neighbours would not agree, and
            // here nothing may be refused either.
            while latest < next {
                try Task.checkCancellation()
                let generation = try await reader.read(made.lineage, on: ContinuousClock())
                #expect(generation.remarks == [])
                let number = try #require(generation.number)
                #expect(latest...next ~= number)
                latest = number
                figures.reads += 1
                for _ in 0..<3 {
                    figures.naiveReads += 1
                    if !isWholeNaively(made) { figures.naiveMixtures += 1 }
                }
                // A read that has nothing to wait for gives nobody else a turn, not even the one who asks certbot.
                await Task.yield()
            }
            #expect(try await renewed == "\(next)")
        }
        figures.renewals += renewals
        try await certbot.stop()
    }

    /// Whether what two links lead to, read one after the other, belongs together: the full chain and the key.
    private func isWholeNaively(_ made: MadeLineage) -> Bool {
        let texts = ["fullchain", "privkey"].map { (try? made.scratch.read(made.live("\($0).pem"))) ?? "" }
        let contents = try? PEMContents(parsing: Array(texts.joined().utf8).span, file: "naive")
        guard let leaf = contents?.certificates.first, let key = contents?.keys.first else { return false }
        return key.matches(leaf)
    }
}

extension CertbotRaceTests.Figures {
    fileprivate var naive: String { "of \(naiveReads) naive reads \(naiveMixtures) were wrong" }
}
