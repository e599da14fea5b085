import CertKit
import FoundationEssentials
import Testing

@testable import certd

/// What is told of findings that come, change, stay and go.
@Suite struct KnownFindingsTests {
    private static let day = 86_400.0

    private func document(
        _ lineages: [String: [Finding]], general: [Finding] = [], at now: Date = MadeLeaf.now
    ) -> StatusDocument {
        let statuses = lineages.map { LineageStatus(name: $0, leaf: nil, stations: [], findings: $1) }
        return StatusDocument(lineages: statuses, findings: general, at: now)
    }

    private func finding(_ id: FindingID, _ severity: Severity, at place: String = "/c/a.pem") -> Finding {
        Finding(id, severity: severity, "\(id.rawValue)", remedy: "mend it", location: place)
    }

    /// What is told of `later` after `earlier` was, `hours` apart: the change, the finding and its severity.
    private func told(_ earlier: StatusDocument, _ later: StatusDocument, hours: Double = 1) -> [String] {
        let known = KnownFindings().news(in: earlier, at: MadeLeaf.now).known
        let news = known.news(in: later, at: MadeLeaf.now + hours * 3600)
        return news.told.map { "\($0.change.rawValue) \($0.lineage ?? "-") \($0.id) \($0.severity)" }
    }

    @Test func `what is new is told, worst first, and what concerns no lineage too`() {
        let news = KnownFindings().news(
            in: document(
                ["a": [finding(.expiring, .warning)], "b": [finding(.keyMismatch, .critical)], "c": []],
                general: [finding(.haproxyUnreachable, .critical)]), at: MadeLeaf.now)
        #expect(news.told.map(\.change) == [.new, .new, .new])
        #expect(news.told.map(\.id) == ["haproxy-unreachable", "key-mismatch", "expiring"])
        #expect(news.told.map(\.lineage) == [nil, "b", "a"])
        #expect(news.known.findings.count == 3)
    }

    @Test(
        arguments: [
            (.warning, .warning, 1, []), (.warning, .warning, 23.9, []),
            (.warning, .warning, 24, ["still a expiring warning"]),
            (.warning, .critical, 1, ["new a expiring critical"]),
            (.critical, .warning, 1, ["eased a expiring warning"]),
            (.warning, .ok, 1, []),
        ] as [(Severity, Severity, Double, [String])])
    func `a finding that stays is told once a day, and when it gets worse or better`(
        before: Severity, after: Severity, hours: Double, expected: [String]
    ) {
        let (earlier, later) = (
            document(["a": [finding(.expiring, before)]]), document(["a": [finding(.expiring, after)]])
        )
        #expect(told(earlier, later, hours: hours) == expected)
    }

    @Test func `a finding that goes is told, once`() {
        let earlier = document(["a": [finding(.expiring, .warning)]])
        let known = KnownFindings().news(in: earlier, at: MadeLeaf.now).known
        let gone = known.news(in: document(["a": []]), at: MadeLeaf.now + 60)
        #expect(gone.told.map(\.change) == [.cleared])
        #expect(gone.known == KnownFindings())
        #expect(gone.known.news(in: document(["a": []]), at: MadeLeaf.now + 120).told.isEmpty)
        #expect(told(earlier, document(["b": []])) == ["cleared a expiring warning"])
    }

    @Test func `the same trouble at two places is two findings`() {
        let both = [
            finding(.wireStale, .critical, at: "[::1]:443"), finding(.wireStale, .critical, at: "127.0.0.1:443"),
        ]
        #expect(told(document(["a": both]), document(["a": [both[0]]])) == ["cleared a wire-stale critical"])
    }

    @Test(
        "What cannot be seen has not gone",
        arguments: [
            (["a": [.fileUnreadable]], nil, ["new a file-unreadable unknown"]),
            ([:], .fileUnreadable, ["new - file-unreadable unknown"]),
            (["b": []], .configurationInvalid, ["new - configuration-invalid unknown"]),
        ] as [([String: [FindingID]], FindingID?, [String])])
    func unseen(lineages: [String: [FindingID]], general: FindingID?, expected: [String]) {
        let later = document(
            lineages.mapValues { $0.map { finding($0, .unknown) } },
            general: general.map { [finding($0, .unknown)] } ?? [])
        #expect(told(document(["a": [finding(.expiring, .warning)]]), later) == expected)
    }

    @Test func `a clock that was in the future does not silence anything`() {
        let document = document(["a": [finding(.expiring, .warning)]])
        let known = KnownFindings().news(in: document, at: MadeLeaf.now + 400 * Self.day).known
        #expect(known.news(in: document, at: MadeLeaf.now).told.map(\.change) == [.still])
    }
}
