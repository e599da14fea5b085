import CertKit
import FoundationEssentials

/// The document as the Monitoring Plugins' guidelines have it: one line for the pager with performance data behind a bar,
/// then one line an object, the worst first.
struct NagiosReport {
    let document: StatusDocument
    let now: Date
    let thresholds: Thresholds
    /// 0 tells what is not ok, 1 every object, 2 every finding, 3 the leaf and the stations too.
    var verbosity = 0
    /// The most lineages that have performance data; nil for as many as Nagios reads.
    var perfdataLimit: Int?

    /// Nagios Core keeps 8,191 bytes of what a plugin says, and cuts in the middle of a line: so many at most are
    /// performance data, and as many the lines behind the first. The rest is for the summary and for what was left out.
    private static let share = 3_900

    /// The whole text with a final newline.
    func text() -> String {
        let perfdata = perfdata
        let all = document.lineages.count
        var lines = ["\(summary) | \(perfdata.joined(separator: " "))"] + told
        if perfdataLimit == nil, perfdata.count < all + 2 {
            lines.append("… performance data of \(perfdata.count - 2) of \(all): --max-perfdata \(all) gives all")
        }
        if document.source == .daemon { lines.append("seen by the daemon") }
        return lines.map { $0 + "\n" }.joined()
    }

    /// The objects, the worst first, as far as they are read; what is left out is counted.
    private var told: [String] {
        let wanted = objects.filter { verbosity > 0 || $0.severity != .ok }
        var lines: [String] = []
        var left = Self.share
        for (place, object) in wanted.enumerated() {
            let own = object.lines(verbosity: verbosity, now: now).prefix { line in
                left -= line.utf8.count + 1
                return left >= 0
            }
            guard !own.isEmpty else { return lines + ["… and \(wanted.count - place) more: certd check"] }
            lines += own
            guard left < 0 else { continue }
            let others = wanted.count - place - 1
            return lines + ["  …"] + (others > 0 ? ["… and \(others) more: certd check"] : [])
        }
        return lines
    }

    /// What is said where no verdict came about: one line, and where there is a way out, another.
    static func text(_ severity: Severity, _ message: String, hint: String?) -> String {
        "CERTD \(severity.word): \(message.plain)\n" + (hint.map { "fix: \($0.plain)\n" } ?? "")
    }

    private var objects: [NagiosObject] {
        let lineages = document.lineages.map { NagiosObject($0) }
        let objects = lineages + document.findings.map { NagiosObject($0) }
        return Severity.allCases.sorted(by: >).flatMap { severity in objects.filter { $0.severity == severity } }
    }

    /// The longest of what could be said that leaves the line under 80 characters; a line too long is cut by pagers.
    private var summary: String {
        let start = "CERTD \(document.severity.word): "
        let texts = document.severity == .ok ? calmSummaries : worstSummaries
        return start + (texts.first { start.count + $0.count < 80 } ?? texts.last ?? "")
    }

    private var calmSummaries: [String] {
        let count = document.lineages.count == 1 ? "1 lineage" : "\(document.lineages.count) lineages"
        let dated = document.lineages.compactMap { lineage in lineage.notAfter.map { (end: $0, name: lineage.name) } }
        guard let first = dated.min(by: { ($0.end, $0.name) < ($1.end, $1.name) }) else { return [count] }
        let left = "\(count), the first to end in \(timeLeft(until: first.end, from: now))"
        return ["\(left): \(first.name.plain)", left, count]
    }

    private var worstSummaries: [String] {
        let count = "\(problemCount) of \(document.lineages.count) lineages"
        guard let worst = objects.first, let finding = worst.findings.first else { return [count] }
        let more = objects.filter({ $0.severity != .ok }).count > 1 || worst.findings.count > 1 ? " …" : ""
        return [
            "\(count): \(worst.name): \(finding.id): \(finding.message.plain)",
            "\(count): \(worst.name): \(finding.id)\(more)",
            "\(count): \(finding.id)\(more)", count,
        ]
    }

    private var problemCount: Int { document.lineages.filter { $0.severity != .ok }.count }

    /// The totals, then as many lineages as are wanted, the worst first.
    private var perfdata: [String] {
        var data = ["certificates=\(document.lineages.count)", "problems=\(problemCount)"]
        var left = Self.share
        for lineage in document.lineages.prefix(perfdataLimit ?? .max) {
            let datum = perfdata(of: lineage)
            left -= datum.utf8.count + 1
            guard perfdataLimit != nil || left >= 0 else { break }
            data.append(datum)
        }
        return data
    }

    /// Seconds left, both thresholds, and the ends of the scale; unknown where the lineage could not be read.
    private func perfdata(of lineage: LineageStatus) -> String {
        // The guidelines know no escape for `=`.
        let label = "'\(lineage.name.plain.replacing("'", with: "''").replacing("=", with: "_"))'"
        guard let start = lineage.notBefore, let end = lineage.notAfter else { return "\(label)=U" }
        let lifetime = end.timeIntervalSince(start)
        // A range has no one boundary, and Icinga 2 takes none.
        func boundary(_ threshold: Threshold) -> String {
            threshold.boundary(lifetime: lifetime).map { "\(wholeSeconds($0))" } ?? ""
        }
        return "\(label)=\(wholeSeconds(end.timeIntervalSince(now)))s;\(boundary(thresholds.warning));"
            + "\(boundary(thresholds.critical));0;\(wholeSeconds(lifetime))"
    }

    private func wholeSeconds(_ interval: TimeInterval) -> Int { Int(interval.rounded(.down)) }
}

/// One lineage, or one finding that concerns no single one.
private struct NagiosObject {
    let name: String
    let severity: Severity
    let findings: [FindingStatus]
    var lineage: LineageStatus?

    init(_ lineage: LineageStatus) {
        (name, severity, findings) = (lineage.name.plain, lineage.severity, lineage.findings)
        self.lineage = lineage
    }

    init(_ finding: FindingStatus) {
        (name, severity, findings) = ((finding.where ?? "certd").plain, finding.rank, [finding])
    }

    func lines(verbosity: Int, now: Date) -> [String] {
        var lines = ["\\_[\(severity.word)] \(name): \(gist(now))"]
        if verbosity >= 2 {
            lines += findings.map { finding in
                "  \\_[\(finding.rank.word)] \(finding.id): \(finding.message.plain) (fix: \(finding.remedy.plain))"
            }
        }
        if verbosity >= 3, let lineage { lines += details(of: lineage) }
        return lines
    }

    /// The worst finding with its remedy, and the names of the others.
    private func gist(_ now: Date) -> String {
        guard let worst = findings.first else {
            return lineage?.notAfter.map { "\(timeLeft(until: $0, from: now)) (\(minuteTime($0)))" } ?? "ok"
        }
        let place = worst.where.flatMap { $0.plain == name ? nil : " \($0.plain)" } ?? ""
        var ids = [worst.id]
        for finding in findings where !ids.contains(finding.id) { ids.append(finding.id) }
        let others = ids.dropFirst().map { ", \($0)" }.joined()
        return "\(worst.id)\(place)\(others) (fix: \(worst.remedy.plain))"
    }

    private func details(of lineage: LineageStatus) -> [String] {
        let leaf = lineage.leaf.map { leaf in
            "  leaf: serial \(leaf.serial), \(leaf.key), issued by \(leaf.issuer), for \(leaf.names.joined(separator: ", "))"
        }
        let stations = lineage.stations.map { "  \($0.station): \($0.state)\($0.where.isEmpty ? "" : " \($0.where)")" }
        return ([leaf].compactMap { $0 } + stations).map { $0.plain }
    }
}

extension Severity {
    /// The guidelines' word.
    var word: String { rawValue.uppercased() }
}

extension String {
    /// Without what plugin output gives a meaning: bars, line ends, control characters.
    fileprivate var plain: String { printable(escaping: ["|"]) }
}
