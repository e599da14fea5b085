import CertKit
import FoundationEssentials
import Glibc

/// The page for an administrator at three in the morning: what is wrong and what to do, the worst first.
///
/// All of it is made here, so that it can be read without JavaScript; the script fetches it anew and puts the new in the
/// place of the old.
struct Page {
    let sight: Sight
    let query: PageQuery
    /// What this host is called.
    let host: String
    let now: Date

    private var document: StatusDocument { sight.document }
    /// Of what is shown, in seconds.
    private var age: Int {
        Date(utc: document.checkedAt).map { max(Int(now.timeIntervalSince($0)), 0) } ?? 0
    }

    var markup: Markup {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>\(title)</title>
        <link rel="icon" href="data:,">
        <link rel="stylesheet" href="/page.css">
        <script src="/page.js" defer></script>
        <noscript><meta http-equiv="refresh" content="60"></noscript>
        </head>
        <body>
        <a class="skip" href="#lineages">To the certificates</a>
        \(Marks.shapes)<header id="top">
        <h1>certd <span class="host">on \(host)</span></h1>
        <p class="seen">Looked <time id="seen" datetime="\(document.checkedAt)" data-age="\(age)">\(document.checkedAt)</time><span id="told"></span></p>
        </header>
        <main>
        \(verdict)\(general)\(lineages)\(Timeline(document.lineages, now: now).markup)\
        \(DeploymentTable(deployments: sight.deployments, now: now).markup)</main>
        <footer><p>certd \(Version.current) · <a href="/v1/status">status as JSON</a> · <a href="/metrics">metrics</a></p></footer>
        <p id="news" class="heard" role="status" aria-live="polite"></p>
        </body>
        </html>

        """
    }

    private func count(_ severity: Severity) -> Int { document.lineages.count { $0.severity == severity } }

    private var title: String {
        let word = document.severity == .ok ? "ok" : document.state
        return "\(word) · certd on \(host)"
    }

    /// What there is to say in one sentence.
    private var sentence: String {
        let (all, ok) = (document.lineages.count, count(.ok))
        guard all > 0 else { return "No certificates are seen." }
        if ok == all {
            return all == 1 ? "The one certificate is in step." : "All \(all.grouped) certificates are in step."
        }
        let few = (all - ok).grouped
        return all - ok == 1
            ? "1 of \(all.grouped) certificates needs attention."
            : "\(few) of \(all.grouped) certificates need attention."
    }

    private var verdict: Markup {
        let states: [Severity] = [.critical, .unknown, .warning, .ok]
        let chips = states.map { state -> Markup in
            let isChosen = query.state == state
            return """
                <li><a href="\(query.among(isChosen ? nil : state).link)" class="chip \(state.rawValue)"\
                \(isChosen ? " aria-current=\"true\"" : "")><svg class="mark" aria-hidden="true"><use href="#m-\(state.rawValue)"/>\
                </svg>\(state.rawValue) <b>\(count(state).grouped)</b></a></li>
                """
        }
        return """
            <section id="verdict" class="\(document.severity.rawValue)" aria-label="Verdict">
            <p class="sentence"><svg class="mark" aria-hidden="true"><use href="#m-\(document.severity.rawValue)"/></svg>\
            <span class="heard">\(document.severity.rawValue): </span>\(sentence)</p>
            <ul class="chips" aria-label="Show those that are">\(chips)</ul>
            </section>

            """
    }

    /// What concerns no single lineage.
    private var general: Markup {
        guard !document.findings.isEmpty else { return "<section id=\"general\"></section>\n" }
        return """
            <section id="general" aria-labelledby="general-title"><h2 id="general-title">This host</h2>
            <div class="panel">\(FindingList(findings: document.findings).markup)</div></section>

            """
    }

    private var lineages: Markup {
        let found = query.matches(among: document.lineages)
        let last = max((found.count + PageQuery.size - 1) / PageQuery.size, 1)
        let page = min(query.page, last)
        let shown = found.dropFirst((page - 1) * PageQuery.size).prefix(PageQuery.size)
        let head = ["Lineage", "Bundle", "Memory", "Wire"].map { name -> Markup in
            "<th role=\"columnheader\" scope=\"col\" class=\"at\">\(name)</th>"
        }
        return """
            <section id="lineages" aria-labelledby="lineages-title">
            <div class="tools"><h2 id="lineages-title">Certificates</h2>
            <label id="finder" hidden>Filter <input id="filter" type="search" autocomplete="off" spellcheck="false" value="\(query.text)" aria-controls="rows"></label>
            \(Pager(query: query, page: page, last: last, found: found.count).markup)</div>
            <div class="panel" id="rows">
            <table role="table" class="lineages"><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col" class="state">State</th>\
            <th role="columnheader" scope="col" class="name">Name</th>\(head)<th role="columnheader" scope="col" class="validity">Validity</th>\
            <th role="columnheader" scope="col" class="left">Left</th><th role="columnheader" scope="col" class="issuer">Issuer</th></tr></thead>
            \(shown.map { LineageRow(lineage: $0, now: now).markup })</table>
            \(shown.isEmpty ? "<p class=\"none\">None of the \(document.lineages.count.grouped) certificates is meant by this.</p>" : "")</div>
            </section>

            """
    }
}

/// Which part of the lineages is shown, and the way to the others.
private struct Pager {
    let query: PageQuery
    let page: Int
    let last: Int
    let found: Int

    var markup: Markup {
        guard last > 1 else { return "<nav id=\"pager\"></nav>" }
        let first = (page - 1) * PageQuery.size
        return """
            <nav id="pager" aria-label="Pages">\(link(to: page - 1, "Previous", "prev")) \
            <span>\((first + 1).grouped)–\(min(first + PageQuery.size, found).grouped) of \(found.grouped)</span> \
            \(link(to: page + 1, "Next", "next"))</nav>
            """
    }

    private func link(to other: Int, _ word: String, _ relation: String) -> Markup {
        guard (1...last).contains(other) else { return "<span class=\"off\" aria-hidden=\"true\">\(word)</span>" }
        return "<a id=\"\(relation)\" rel=\"\(relation)\" href=\"\(query.at(page: other).link)\">\(word)</a>"
    }
}

extension Int {
    /// In groups of three digits.
    fileprivate var grouped: String {
        var digits = "\(self)"
        var place = digits.count - 3
        while place > 0 {
            digits.insert(",", at: digits.index(digits.startIndex, offsetBy: place))
            place -= 3
        }
        return digits
    }
}

extension Page {
    /// This host's name; "this host" where it has none.
    static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&name, name.count - 1) == 0, let end = name.firstIndex(of: 0), end > 0 else {
            return "this host"
        }
        return String(decoding: name[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
