import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import CertKit

/// When certbot renews, as it can be read from its files.
@Suite struct RenewalDateTests {
    private static let day = 86_400.0

    private static func file(_ lines: String...) -> RenewalFile {
        let text = Array(
            (lines + ["cert = a", "privkey = b", "chain = c", "fullchain = d", "[renewalparams]", "authenticator = x"])
                .joined(separator: "\n").utf8)
        return RenewalFile(parsing: text.span)
    }

    @Test(
        arguments: [
            // Hours of life, what the file says, days left when due, days left when overdue, whether it may be earlier.
            (90 * 24, ["version = 2.1.0"], 30, 25.5, false), (90 * 24, ["version = 4.0.0"], 30, 25.5, false),
            (90 * 24, ["version = 5.6.0"], 30, 25.5, true), (64 * 24, ["version = 5.6.0"], 21.3333, 18.1333, true),
            (45 * 24, ["version = 5.6.0"], 15, 12.75, true), (160, ["version = 5.6.0"], 3.3333, 2.3333, true),
            (200 * 24, ["version = 5.6.0"], 66.6667, 56.6667, true),
            // Too late for a grace: never more than to a quarter of the life, and never before it is due.
            (200 * 24, ["version = 2.1.0"], 30, 30, false),
            (24, ["version = 5.6.0"], 0.5, 0.25, true),
            // Told to renew at once, it renews at each run.
            (160, ["version = 2.1.0"], 6.6667, 5.6667, false),
            (90 * 24, ["renew_before_expiry = 10 days", "version = 2.1.0"], 10, 10, false),
            (90 * 24, ["renew_before_expiry = 60 days", "version = 5.6.0"], 60, 55.5, true),
            (90 * 24, ["# renew_before_expiry = 10 days", "version = 2.1.0"], 30, 25.5, false),
            (90 * 24, [], 30, 25.5, false),
        ] as [(Int, [String], Double, Double, Bool)])
    func `certbot's own rules decide`(
        hours: Int, lines: [String], due: Double, overdue: Double, isEstimate: Bool
    ) async throws {
        let made = try await MadeLineage(["--not-before=+0h", "--not-after=+\(hours)h"])
        let leaf = try await made.read().leaf
        let text = lines.joined(separator: "\n")
        let date = try #require(RenewalDate(of: leaf, by: Self.file(text)))
        #expect(abs((leaf.notAfter - due * Self.day).timeIntervalSince(date.due)) < 60)
        #expect(abs((leaf.notAfter - overdue * Self.day).timeIntervalSince(date.overdue)) < 60)
        #expect(date.isEstimate == isEstimate)
    }

    @Test(
        arguments: [
            ("30 days", 30, false), ("7", 7, false), (" 3 weeks ", 21, false), ("3 days 12 hours", 3.5, false),
            ("1 week, 1 day", 8, false), ("36h", 1.5, false), ("6 months", 182.6213, true), ("1 year", 365.2425, true),
        ] as [(String, Double, Bool)])
    func `an interval in certbot's words is understood`(text: String, days: Double, isRounded: Bool) throws {
        let interval = try #require(RenewalInterval(text))
        #expect(abs(interval.seconds / Self.day - days) < 0.001)
        #expect(interval.isRounded == isRounded)
    }

    @Test(arguments: ["", "soon", "days", "30 fortnights", "3 days 12", "-3 days", "3.5 days", "30 days from now"])
    func `of words that are not understood no date is made`(text: String) async throws {
        #expect(RenewalInterval(text) == nil)
        let leaf = try await MadeLineage().read().leaf
        #expect(text.isEmpty || RenewalDate(of: leaf, by: Self.file("renew_before_expiry = \(text)")) == nil)
    }

    @Test(arguments: [("False", true), ("no", true), ("off", true), ("0", true), ("True", false), ("yes", false)])
    func `a lineage that certbot is told not to renew has no date`(word: String, isOff: Bool) async throws {
        let leaf = try await MadeLineage().read().leaf
        let text = Array("version = 2.1.0\n[renewalparams]\nautorenew = \(word)\n".utf8)
        #expect((RenewalDate(of: leaf, by: RenewalFile(parsing: text.span)) == nil) == isOff)
    }

    @Test func `a renewal file is read as certbot reads it`() {
        let text = """
            # renew_before_expiry = 1 day
            renew_before_expiry = "20 days" # of ours\r
              version=5.6.0
            cert = /x
            [renewalparams]
            version = 1
            autorenew = 'False'
            [[webroot_map]]
            authenticator = standalone
            [acme_renewal_info]
            ari_retry_after = 2026-11-23T00:00:00
            """
        let bytes = Array(text.utf8)
        let file = RenewalFile(parsing: bytes.span)
        #expect(file.renewBeforeExpiry == "20 days")
        #expect(file.version == "5.6.0")
        #expect(file.autorenew == "False")
        #expect(file.missing == ["privkey", "chain", "fullchain", "authenticator"])
        let nothing: [UInt8] = []
        #expect(RenewalFile(parsing: nothing.span).missing.contains("[renewalparams]"))
    }
}
