import CertKit
import FoundationEssentials
import TestSupport
import Testing

@testable import certd

@Suite struct DeploymentLinesTests {
    @Test(
        arguments: [
            (DeploymentReport.Outcome.nothingToDo, ["pbx: in step, nothing to do (LEAF)"]),
            (
                .wouldDeploy,
                [
                    "pbx: would deploy LEAF", "  now bundle  /c/pbx.pem: another leaf",
                    "  now wire    127.0.0.1:443: nothing",
                    "  skipped: nothing listens on /run/b.sock",
                ]
            ),
            (
                .deployed,
                [
                    "pbx: deployed LEAF, in TIME ms", "  was bundle  /c/pbx.pem: another leaf",
                    "  was wire    127.0.0.1:443: nothing", "  skipped: nothing listens on /run/b.sock",
                ]
            ),
        ] as [(DeploymentReport.Outcome, [String])])
    func `the answer names what was done and what had stood there`(
        outcome: DeploymentReport.Outcome, expected: [String]
    ) async throws {
        let scratch = try ScratchDirectory()
        let leaf = try await MadeLeaf("healthy", in: scratch).leaf
        var report = DeploymentReport(lineage: "pbx", leaf: leaf, previous: nil)
        report.differences = [
            StationDifference(station: "bundle", place: "/c/pbx.pem", state: .stale),
            StationDifference(station: "wire", place: "127.0.0.1:443", state: .missing),
        ]
        report.skipped = ["/run/b.sock"]
        report = report.ended(outcome, since: .now)
        let what = "\(leaf.fingerprint.short), valid until \(leaf.notAfter.formatted(.iso8601))"
        let took = report.duration.formattedMilliseconds
        #expect(
            DeploymentLines.lines(report)
                == expected.map { $0.replacing("LEAF", with: what).replacing("TIME ms", with: took) })
    }

    @Test(arguments: [
        (Duration.zero, "0 ms"), (.milliseconds(7), "7 ms"), (.seconds(61), "61000 ms"), (.microseconds(1999), "1 ms"),
    ])
    func `a time is whole milliseconds`(duration: Duration, text: String) {
        #expect(duration.formattedMilliseconds == text)
    }
}
