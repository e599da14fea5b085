import CertKit
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// certbot's own code against the reader: `renew-when-asked` renews by `RenewableCert.save_successor` and
/// `update_all_links_to`, as a renewal does.
@Suite(.enabled(if: certbotIsInstalled, "certbot's code is not installed for /usr/bin/python3"))
struct CertbotRaceTests {
    @Test(.timeLimit(.minutes(5)), arguments: [[], ["--reuse-key"]])
    func `a lineage is never read torn while certbot renews it`(options: [String]) async throws {
        let made = try await MadeLineage()
        try await made.renew(to: 2)
        let certbot = try await HelperProcess.start(
            packageDirectory.appending("Tests/CertKitTests/Lineage/renew-when-asked"),
            [made.letsencrypt.string, made.lineage.name] + options)
        let reader = GenerationReader(bound: .seconds(30)) { .now }
        var reads = 0
        var latest = 2
        for next in 3...152 {
            async let renewed = certbot.ask("renew")
            // Each generation is one of two pairs of certificate and key: a mixture of neighbours would not agree, and
            // here nothing may be refused either.
            while latest < next {
                let generation = try await reader.read(made.lineage, on: ContinuousClock())
                #expect(generation.remarks == [])
                let number = try #require(generation.number)
                #expect(latest...next ~= number)
                latest = number
                reads += 1
                // A read that has nothing to wait for gives nobody else a turn, not even the one who asks certbot.
                await Task.yield()
            }
            #expect(try await renewed == "\(next)")
        }
        #expect(reads > 150)
        try await certbot.stop()
    }
}

private let certbotIsInstalled =
    FileManager.default.fileExists(atPath: "/usr/lib/python3/dist-packages/certbot/_internal/storage.py")
