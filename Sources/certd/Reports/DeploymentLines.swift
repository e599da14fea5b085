import CertKit
import FoundationEssentials

/// What a deployment tells a person: a line a lineage on standard output, what is wrong on standard error.
enum DeploymentLines {
    static func lines(of result: DeploymentRun.Result) -> [SpokenLine] {
        switch result.outcome {
        case .success(let report):
            lines(report).map { .output($0.printable) }
                + report.findings.flatMap { ErrorReport.lines($0, of: report.lineage) }.map(SpokenLine.error)
        case .failure(let error):
            ErrorReport(error, of: result.lineage.name)?.lines.map(SpokenLine.error) ?? []
        }
    }

    /// Those of `lineages` that have a bundle; the others are named as left alone.
    static func leavingAlone(
        _ lineages: [Lineage], of inventory: Inventory, tell: (SpokenLine) -> Void
    ) -> [Lineage] {
        lineages.filter { lineage in
            if inventory.hasBundle(lineage) { return true }
            tell(.output("\(lineage.name): left alone, no bundle belongs to it".printable))
            return false
        }
    }

    /// The answer for one lineage: what was done, and what had stood at each station.
    static func lines(_ report: DeploymentReport) -> [String] {
        let leaf = "\(report.leaf.fingerprint.short), valid until \(report.leaf.notAfter.utc)"
        let skipped = report.skipped.map { "  skipped: nothing listens on \($0)" }
        let reload = report.reload.map { ["  by a reload of HAProxy: \($0)"] } ?? []
        switch report.outcome {
        case .nothingToDo: return ["\(report.lineage): in step, nothing to do (\(leaf))"]
        case .wouldDeploy:
            return ["\(report.lineage): would deploy \(leaf)"] + report.differences.map { "  now \($0)" } + reload
                + skipped
        case .deployed:
            let took = report.duration.formattedMilliseconds
            return ["\(report.lineage): deployed \(leaf), in \(took)"]
                + report.differences.map { "  was \($0)" } + reload + skipped
        }
    }
}

extension Duration {
    /// Whole milliseconds, for people.
    var formattedMilliseconds: String { "\(milliseconds) ms" }

    /// Whole milliseconds, rounded down.
    var milliseconds: Int { Int(components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000) }
}
