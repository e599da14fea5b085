import CertKit
import FoundationEssentials

/// A certificate's life as a bar: what is over, what is left, and when certbot renews.
///
/// Drawn by SVG's attributes, since no style from within the page is allowed to it.
struct ValidityBar {
    let start: Date
    let end: Date
    /// When certbot renews; nil where that is not known.
    let due: Date?
    let now: Date
    /// What is wrong with these times.
    let severity: Severity

    private func place(of date: Date) -> Double {
        date.timeIntervalSince(start) / max(end.timeIntervalSince(start), 1)
    }

    var markup: Markup {
        let used = min(max(place(of: now), 0), 1)
        return """
            <svg class="bar \(severity.rawValue)" role="img" aria-label="\(told)" width="100%" height="14"><title>\(told)</title>\
            <rect class="track" x="0" y="3" width="100%" height="8" rx="2"/>\
            <rect class="rest" x="\(percent: used)" y="3" width="\(percent: 1 - used)" height="8"/>\(mark)</svg>
            """
    }

    private var mark: Markup {
        guard let due, (0...1).contains(place(of: due)) else { return "" }
        return """
            <svg class="due" x="\(percent: place(of: due))" y="0" width="9" height="14" overflow="visible">\
            <path d="M0 14V0M-4 0H4L0 5z"/></svg>
            """
    }

    private var told: String {
        var text = "\(Int((min(max(place(of: now), 0), 1) * 100).rounded(.down))) % of its life is over"
        if let due { text += "; renewal due \(minuteTime(due))" }
        return text + "; ends \(minuteTime(end))"
    }
}
