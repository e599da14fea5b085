import CertKit
import FoundationEssentials

/// One lineage of the page's table: a row of facts, and below it what is wrong and what to do.
struct LineageRow {
    let lineage: LineageStatus
    let now: Date

    var markup: Markup {
        """
        <tbody role="rowgroup" class="lineage \(lineage.severity.rawValue)">
        <tr role="row">
        <td role="cell" class="state">\(Marks.verdict(lineage.severity))</td>
        <th role="rowheader" scope="row" class="name">\(lineage.name)\(names)</th>
        \(stations)
        <td role="cell" class="validity">\(bar)</td>
        <td role="cell" class="left">\(left)</td>
        <td role="cell" class="issuer">\(issuer)</td>
        </tr>
        \(findings)</tbody>

        """
    }

    /// Names beside the lineage's own.
    private var names: Markup {
        let others = (lineage.leaf?.names ?? []).filter { $0 != lineage.name }
        guard let first = others.first else { return "" }
        return """
            <span class="names" title="\(others.joined(separator: " "))">\(first)\
            \(others.count > 1 ? " and \(others.count - 1) more" : "")</span>
            """
    }

    private var stations: Markup {
        let isMissing = lineage.findings.contains { $0.id == FindingID.fileMissing.rawValue }
        let own: StationState = lineage.leaf != nil ? .inSync : isMissing ? .missing : .unreachable
        let others = ["bundle", "memory", "wire"].map { station -> Markup in
            let (state, place) = worst(station)
            return LineageRow.cell(station, Marks.station(state, at: place))
        }
        return Markup([LineageRow.cell("lineage", Marks.station(own, at: lineage.path ?? ""))] + others)
    }

    private static func cell(_ label: String, _ content: Markup) -> Markup {
        "<td role=\"cell\" class=\"at\" data-label=\"\(label)\">\(content)</td>\n"
    }

    /// The state that is most to worry about, and where.
    private func worst(_ station: String) -> (StationState, String) {
        let ranks: [StationState] = [.notConfigured, .inSync, .unreachable, .missing, .stale]
        let known = lineage.stations.filter { $0.station == station }.compactMap { place in
            StationState(rawValue: place.state).flatMap { state in
                ranks.firstIndex(of: state).map { (rank: $0, state: state, place: place.where) }
            }
        }
        let worst = known.max { $0.rank < $1.rank }
        return (worst?.state ?? .notConfigured, worst?.place ?? "")
    }

    private var bar: Markup {
        guard let start = lineage.notBefore, let end = lineage.notAfter else { return "" }
        return ValidityBar(start: start, end: end, due: lineage.renewalDate, now: now, severity: severity).markup
    }

    /// What is wrong with its times alone.
    private var severity: Severity {
        let ids: [FindingID] = [.expired, .expiring, .notYetValid, .renewalOverdue]
        return lineage.findings.filter { ids.map(\.rawValue).contains($0.id) }.map(\.rank).max() ?? .ok
    }

    private var left: Markup {
        guard let end = lineage.notAfter else { return "<span class=\"when\">unreadable</span>" }
        let due = lineage.renewalDate.map { due in
            let distance = roughDistance(abs(due.timeIntervalSince(now)))
            return due < now ? "renewal due for \(distance)" : "renewal in \(distance)"
        }
        return """
            <time datetime="\(end.utc)" title="\(minuteTime(end))">\(timeLeft(until: end, from: now))</time> \
            <span class="date">\(end.utc("%e %b %Y"))</span> <span class="when">\(due ?? "")</span>
            """
    }

    private var issuer: Markup {
        guard let leaf = lineage.leaf else { return "" }
        let name = leaf.issuerCommonName.isEmpty ? leaf.issuer : leaf.issuerCommonName
        return "<span title=\"\(leaf.issuer)\">\(name)</span> <span class=\"when\">\(leaf.key)</span>"
    }

    private var findings: Markup {
        guard !lineage.findings.isEmpty else { return "" }
        return """
            <tr role="row" class="findings"><td role="cell"></td><td role="cell" colspan="8">\
            \(FindingList(findings: lineage.findings).markup)</td></tr>

            """
    }
}

/// What is wrong, each with its remedy.
struct FindingList {
    let findings: [FindingStatus]

    var markup: Markup {
        let items = findings.map { finding -> Markup in
            let place = finding.where.flatMap { finding.message.contains($0) ? nil : $0 }
            return """
                <li><span class="id \(finding.rank.rawValue)">\(finding.rank.rawValue)<span class="heard">:</span></span> \
                <b>\(finding.id)</b> \(finding.message)\(place.map { " (\($0))" } ?? "")\
                <span class="fix"><span class="label">Fix</span> <code>\(finding.remedy)</code></span></li>
                """
        }
        return "<ul>\(items)</ul>"
    }
}

extension LineageStatus {
    /// When certbot renews.
    var renewalDate: Date? { renewalDue.flatMap { Date(utc: $0) } }
}

/// A distance in time by its largest unit alone.
func roughDistance(_ seconds: TimeInterval) -> String {
    let text = distance(seconds)
    return String(text.prefix { $0 != " " })
}
