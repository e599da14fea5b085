import CertKit
import FoundationEssentials

/// When certbot renews and when certificates end, of all lineages at once: two rows of columns over the days to come.
struct Timeline {
    private static let columns = 72
    /// As far as it may reach, in days.
    private static let horizons = [7, 14, 30, 60, 100, 200, 400, 800, 1600, 4000]
    /// As many of the next events as are told in words.
    private static let told = 5
    private static let rowHeight = 34.0

    private enum Kind { case renewal, expiry }

    private struct Event {
        let date: Date
        let kind: Kind
        let lineage: LineageStatus
    }

    let now: Date
    private let events: [Event]
    /// In days.
    private let horizon: Int

    init(_ lineages: [LineageStatus], now: Date) {
        self.now = now
        events = lineages.flatMap { lineage in
            [
                lineage.renewalDate.map { Event(date: $0, kind: .renewal, lineage: lineage) },
                lineage.notAfter.map { Event(date: $0, kind: .expiry, lineage: lineage) },
            ].compactMap(\.self)
        }.sorted { $0.date < $1.date }
        // One certificate of thirty years would press all others into the first column.
        let ahead = events.map { $0.date.timeIntervalSince(now) / 86_400 }.filter { $0 >= 0 }
        let most = ahead.isEmpty ? 0 : ahead[min(ahead.count * 19 / 20, ahead.count - 1)]
        horizon = Timeline.horizons.first { Double($0) >= most } ?? Timeline.horizons.last ?? 1
    }

    var markup: Markup {
        guard !events.isEmpty else { return "<section id=\"timeline\"></section>\n" }
        return """
            <section id="timeline" aria-labelledby="timeline-title">
            <h2 id="timeline-title">The next \(horizon) days</h2>
            <div class="panel"><div class="lanes"><div class="lane-names" aria-hidden="true"><span>renewal due</span><span>expires</span></div>
            <svg class="timeline" role="img" aria-label="\(summary)" width="100%" height="92">
            \(grid)<g class="renewal">\(row(.renewal, at: 0))</g>
            <g class="expiry">\(row(.expiry, at: 38))</g></svg></div>
            <ol class="next">\(next)</ol></div>
            </section>

            """
    }

    private func place(of date: Date) -> Double { date.timeIntervalSince(now) / Double(horizon * 86_400) }

    private func row(_ kind: Kind, at top: Int) -> Markup {
        var columns: [Int: [Event]] = [:]
        for event in events where event.kind == kind && place(of: event.date) < 1 {
            columns[max(Int(place(of: event.date) * Double(Timeline.columns)), 0), default: []].append(event)
        }
        let most = Double(columns.values.map(\.count).max() ?? 1)
        return Markup(
            columns.sorted { $0.key < $1.key }.map { column, events -> Markup in
                // Few are to be seen beside many.
                let height = Int(
                    (Timeline.rowHeight * (0.3 + 0.7 * (Double(events.count) / most).squareRoot())).rounded())
                let width = 1 / Double(Timeline.columns)
                let isLate = events.contains { $0.date < now }
                let worst = events.map(\.lineage.severity).max() ?? .ok
                return """
                    <rect class="\(worst.rawValue)\(isLate ? " late" : "")" x="\(percent: Double(column) * width)" \
                    y="\(top + Int(Timeline.rowHeight) - height)" width="\(percent: width * 0.78)" height="\(height)">\
                    <title>\(title(of: events))</title></rect>
                    """
            })
    }

    private func title(of events: [Event]) -> String {
        let names = events.prefix(5).map { "\($0.lineage.name) \(minuteTime($0.date))" }
        let what = events[0].kind == .renewal ? "renewals due" : "expiries"
        let rest = events.count > 5 ? ["and \(events.count - 5) more"] : []
        return (["\(events.count) \(what)"] + names + rest).joined(separator: "\n")
    }

    private var grid: Markup {
        let marks = (0..<5).map { mark -> Markup in
            let place = Double(mark) / 5
            let date = now.addingTimeInterval(place * Double(horizon) * 86_400)
            return """
                <rect class="grid" x="\(percent: place)" y="0" width="1" height="76"/>\
                <text x="\(percent: place)" y="89">\(mark == 0 ? "today" : date.utc(horizon > 300 ? "%b %Y" : "%e %b"))</text>
                """
        }
        return
            "\(marks)<rect class=\"grid\" x=\"0\" y=\"34\" width=\"100%\" height=\"1\"/><rect class=\"grid\" x=\"0\" y=\"72\" width=\"100%\" height=\"1\"/>"
    }

    private var summary: String {
        let late = events.count {
            $0.date < now && $0.kind == .renewal && $0.lineage.notAfter.map { $0 > now } ?? false
        }
        let expired = events.count { $0.date < now && $0.kind == .expiry }
        let (due, ending) = (
            events.count { $0.date >= now && place(of: $0.date) < 1 && $0.kind == .renewal },
            events.count { $0.date >= now && place(of: $0.date) < 1 && $0.kind == .expiry }
        )
        return
            "In the next \(horizon) days: \(due) renewals due, \(ending) expiries; \(late) renewals overdue, \(expired) expired"
    }

    /// What comes next, in words; what is late first.
    private var next: [Markup] {
        // What has expired is no longer to be renewed in time.
        let open = events.filter { $0.kind == .expiry || $0.lineage.notAfter.map { $0 > now } ?? false }
        let coming = open.filter { $0.date >= now }
        let late = open.filter { $0.date < now && $0.kind == .renewal }
        return (late + coming).prefix(Timeline.told).map { event in
            let distance = roughDistance(abs(event.date.timeIntervalSince(now)))
            let isLate = event.date < now
            return """
                <li class="\(isLate ? "late" : "")"><time datetime="\(event.date.utc)" title="\(minuteTime(event.date))">\
                \(isLate ? "\(distance) late" : "in \(distance)")</time> \
                <span>\(event.kind == .renewal ? "renewal due" : "expires")</span> <b>\(event.lineage.name)</b></li>
                """
        }
    }
}
