import CertKit

/// The marks of states: each has a shape of its own, and a word for who does not see it.
enum Marks {
    /// What the marks are drawn by; stands once in the page.
    static let shapes: Markup = """
        <svg class="shapes" aria-hidden="true" width="0" height="0">
        <symbol id="m-ok" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" class="fill"/><path d="M4.6 8.3l2.3 2.3 4.5-4.8" class="cut"/></symbol>
        <symbol id="m-warning" viewBox="0 0 16 16"><path d="M8 1.2L15.4 14.6H.6z" class="fill"/><path d="M8 6v4M8 12v.6" class="cut"/></symbol>
        <symbol id="m-critical" viewBox="0 0 16 16"><path d="M4.9 .7h6.2l4.2 4.2v6.2l-4.2 4.2H4.9L.7 11.1V4.9z" class="fill"/><path d="M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6" class="cut"/></symbol>
        <symbol id="m-unknown" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6.4" class="line"/><path d="M5.9 6.3c0-1.3 1-2.1 2.2-2.1s2.1.8 2.1 1.9c0 1.6-2.1 1.7-2.1 3.2M8.1 11.4v.6" class="line"/></symbol>
        <symbol id="m-in-sync" viewBox="0 0 16 16"><path d="M3 8.4l3.3 3.4L13 4.6" class="line"/></symbol>
        <symbol id="m-stale" viewBox="0 0 16 16"><path d="M2.5 5.6h11M2.5 10.4h11M10.6 2.2L5.4 13.8" class="line"/></symbol>
        <symbol id="m-missing" viewBox="0 0 16 16"><path d="M3.5 3.5l9 9M12.5 3.5l-9 9" class="line"/></symbol>
        <symbol id="m-unreachable" viewBox="0 0 16 16"><path d="M5 5.7c0-1.8 1.4-2.9 3-2.9s3 1 3 2.6c0 2.2-2.9 2.3-2.9 4.4M8.1 12.4v.8" class="line"/></symbol>
        <symbol id="m-not-configured" viewBox="0 0 16 16"><path d="M4.5 8h7" class="line"/></symbol>
        </svg>

        """

    /// The mark of a verdict with its word.
    static func verdict(_ severity: Severity) -> Markup {
        """
        <span class="verdict \(severity.rawValue)"><svg class="mark" aria-hidden="true"><use href="#m-\(severity.rawValue)"/>\
        </svg><span class="word">\(severity.rawValue)</span></span>
        """
    }

    /// The mark of a station; its word is seen where something is wrong.
    static func station(_ state: StationState, at place: String) -> Markup {
        let isCalm = state == .inSync || state == .notConfigured
        return """
            <span class="station \(state.rawValue)" title="\(place.isEmpty ? state.rawValue : "\(place): \(state.rawValue)")">\
            <svg class="mark" aria-hidden="true"><use href="#m-\(state.rawValue)"/></svg>\
            <span class="\(isCalm ? "heard" : "word")">\(state.rawValue)</span></span>
            """
    }
}
