import CertKit
import FoundationEssentials
import Glibc
import SystemPackage

/// The document for a person who wants to know which station holds what, since when.
struct StatusText {
    let document: StatusDocument
    let now: Date
    var painter = Painter.plain
    /// When a file was last written; nil where there is none.
    var written: (FilePath) -> Date? = { path in
        (try? Stat(path)).map { Date(timeIntervalSince1970: Double($0.st_mtim.tv_sec)) }
    }

    /// The whole text with a final newline.
    func text() -> String {
        var blocks = document.lineages.map(lines)
        if !document.findings.isEmpty {
            blocks.append(document.findings.flatMap { $0.lines(of: nil, painter: painter) })
        }
        if document.source == .daemon { blocks.append(["seen by the daemon"]) }
        return blocks.map { $0.map { $0 + "\n" }.joined() }.joined(separator: "\n")
    }

    private func lines(_ lineage: LineageStatus) -> [String] {
        let left = lineage.notAfter.map { "  \(timeLeft(until: $0, from: now)) (\(minuteTime($0)))" } ?? ""
        var lines = ["\(lineage.name.printable)  \(painter.paint(lineage.state, lineage.severity))\(left)"]
        if let leaf = lineage.leaf {
            let age = lineage.notBefore.map(self.age) ?? ""
            lines.append(station("lineage", "-", "\(leaf.sha256.prefix(8)), \(leaf.key)\(age)"))
        }
        lines += lineage.stations.map { seen in
            let place = FilePath(seen.where)
            let age =
                seen.station == "bundle"
                ? written(place).map { ", written \(distance(now.timeIntervalSince($0))) ago" } : nil
            return station(seen.station, seen.state, "\(seen.where.printable)\(age ?? "")")
        }
        if lineage.leaf != nil { lines.append("  " + deployment(lineage)) }
        if let renewal = renewal(lineage) { lines.append("  " + renewal) }
        return lines + lineage.findings.flatMap { $0.lines(of: nil, painter: painter) }.map { "  " + $0 }
    }

    private func station(_ name: String, _ state: String, _ text: String) -> String {
        let line = "  \(name.padding(to: 8)) \(state.padding(to: 14)) \(text)"
        return line.hasSuffix(" ") ? String(line.reversed().drop { $0 == " " }.reversed()) : line
    }

    private func age(since start: Date) -> String {
        let age = now.timeIntervalSince(start)
        return age < 0 ? ", valid in \(distance(age))" : ", issued \(distance(age)) ago"
    }

    private func deployment(_ lineage: LineageStatus) -> String {
        guard let text = lineage.lastDeployment, let at = Date(utc: text) else {
            return "no deployment is on record"
        }
        return "last deployed \(distance(now.timeIntervalSince(at))) ago (\(minuteTime(at)))"
    }

    /// Nil where nobody knows when certbot renews it.
    private func renewal(_ lineage: LineageStatus) -> String? {
        guard let text = lineage.renewalDue, let due = Date(utc: text) else { return nil }
        let left = due.timeIntervalSince(now)
        let distance = left < 0 ? "for \(distance(left))" : "in \(distance(left))"
        return
            "renewal due \(distance) (\(minuteTime(due))\(lineage.renewalDueIsEstimate == true ? ", an estimate" : ""))"
    }
}
