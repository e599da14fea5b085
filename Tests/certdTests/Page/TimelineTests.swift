import CertKit
import FoundationEssentials
import Testing

@testable import certd

@Suite struct TimelineTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    /// A lineage whose certificate ends so many days from now.
    private func status(_ name: String, days: Double) throws -> LineageStatus {
        let end = TimelineTests.now.addingTimeInterval(days * 86_400).utc
        let text = """
            {"name": "\(name)", "state": "ok", "stations": [], "findings": [], "renewal_due": "\
            \(TimelineTests.now.addingTimeInterval((days - 30) * 86_400).utc)", "leaf": {"serial": "01", "sha256": "00",
            "not_before": "2026-01-01T00:00:00Z", "not_after": "\(end)", "names": [], "issuer": "", "key": "",
            "subject_cn": "", "issuer_cn": ""}}
            """
        return try JSONDecoder().decode(LineageStatus.self, from: Data(text.utf8))
    }

    @Test(arguments: [
        ([3.0], 7), ([60], 60), ([89], 100), (Array(repeating: 89.0, count: 40) + [9000], 100), ([9000], 4000),
        ([-5], 7),
    ])
    func `it reaches as far as most certificates do`(days: [Double], horizon: Int) throws {
        let lineages = try days.enumerated().map { try status("l\($0.offset)", days: $0.element) }
        let html = Timeline(lineages, now: TimelineTests.now).markup.html
        #expect(html.contains("The next \(horizon) days"))
    }

    @Test func `what comes next is told in words, what is late first`() throws {
        let lineages = try [status("late", days: 10), status("soon", days: 33.5), status("gone", days: -2)]
        let html = Timeline(lineages, now: TimelineTests.now).markup.html
        let next = try #require(html.split(separator: "<ol class=\"next\">").last)
        let told = next.split(separator: "<li").map {
            $0.matches(of: #/>([^<>\n]+)</#).map(\.1).joined(separator: " ")
        }
        #expect(told.count == 4)
        #expect(told[0].contains("20d late") && told[0].contains("renewal due") && told[0].contains("late"))
        #expect(told[1].contains("in 3d") && told[1].contains("soon"))
        #expect(!next.contains("gone"))
        #expect(html.contains("1 renewals overdue, 1 expired"))
    }

    @Test func `nothing known is nothing shown`() {
        #expect(Timeline([], now: TimelineTests.now).markup.html == "<section id=\"timeline\"></section>\n")
    }
}
