import CertKit
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// The page as the daemon makes it; how a browser takes it `scripts/support/check-page` looks at.
@Suite struct PageTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    private func status(_ name: String, _ findings: [Finding] = []) -> LineageStatus {
        LineageStatus(name: name, leaf: nil, stations: [], findings: findings)
    }

    private func html(
        _ lineages: [LineageStatus], _ query: String = "", findings: [Finding] = [], history: [PastDeployment] = []
    ) -> String {
        let document = StatusDocument(lineages: lineages, findings: findings, at: PageTests.now)
        let sight = Sight(document: document, history: history)
        return Page(sight: sight, query: PageQuery(query), host: "<host>", now: PageTests.now).markup.html
    }

    private let worse = Finding(.keyMismatch, "the key belongs to another", remedy: "certd inspect LINEAGE")
    private let better = Finding(.expiring, severity: .warning, "ends soon", remedy: "certbot renew")

    @Test func `the worst comes first, with what is wrong and what to do`() throws {
        let page = html([status("a.example.org"), status("b.example.org", [better]), status("c.example.org", [worse])])
        let places = try ["c", "b", "a"].map { try #require(page.firstRange(of: ">\($0).example.org")).lowerBound }
        #expect(places == places.sorted())
        #expect(page.contains("<b>key-mismatch</b> the key belongs to another"))
        #expect(page.contains("<code>certd inspect c.example.org</code>"))
        #expect(page.contains("2 of 3 certificates need attention."))
        #expect(page.contains("<title>critical · certd on &lt;host&gt;</title>"))
    }

    @Test func `hostile text stays text, wherever it comes from`() {
        let hostile = "<script>alert('x')</script>\"&\u{202E}\u{0}"
        let finding = Finding(.deployFailed, hostile, remedy: hostile, location: hostile)
        let past = PastDeployment(
            at: PageTests.now.utc, lineage: hostile, outcome: .failed, stations: [hostile], milliseconds: 1,
            message: hostile)
        for query in ["", "q=%3Cscript%3E%22%26&state=%3Cscript%3E&page=%3Cscript%3E"] {
            let page = html([status(hostile, [finding])], query, findings: [finding], history: [past])
            // The page's own, which is loaded from a file.
            #expect(page.components(of: "<script").count == 2)
            #expect(!page.contains("\u{202E}") && !page.contains("\u{0}") && !page.contains("alert('"))
        }
    }

    @Test func `nothing in the page needs what its policy forbids`() {
        let page = html([status("a.example.org", [worse])])
        for forbidden in [" style=", "<style", " onload", " onclick", "javascript:", "http:", "https:", "<form"] {
            #expect(!page.contains(forbidden), "\(forbidden)")
        }
    }

    @Test(arguments: [
        ("", "/", 50), ("page=2", "/?page=2", 50), ("page=3", "/?page=3", 20), ("page=99", "/?page=99", 20),
        ("page=-1", "/", 50), ("q=HOST-11", "/?q=HOST-11", 11), ("q=host+11", "/?q=host%2011", 0),
        ("q=%68ost-119", "/?q=host-119", 1), ("state=ok", "/?state=ok", 50), ("state=critical", "/?state=critical", 0),
        ("state=none&q=&x=y&q", "/", 50), ("q=%zz%", "/?q=%25zz%25", 0),
    ])
    func `a part of many is shown`(query: String, link: String, count: Int) {
        let page = html((0..<120).map { status("host-\($0).example.org") }, query)
        #expect(page.components(of: "<tbody role=\"rowgroup\" class=\"lineage").count - 1 == count)
        #expect(PageQuery(query).link == link)
        #expect(PageQuery(String(PageQuery(query).link.dropFirst(2))).link == link)
    }

    @Test func `no lineage and one are told as such`() {
        #expect(html([]).contains("No certificates are seen."))
        #expect(html([status("a.example.org")]).contains("The one certificate is in step."))
    }

    @Test func `style and script come from files of their own`() async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", [])])
        let daemon = try await RunningSocket(program, program.listeningSettings())
        for (path, type, file) in [("/page.css", "text/css", "page.css"), ("/page.js", "text/javascript", "page.js")] {
            let answer = try await daemon.fetch(path)
            #expect(answer.head.contains("Content-Type: \(type); charset=utf-8"))
            let source = packageDirectory.appending("Sources/certd/Page").appending(file).string
            #expect(try answer.body == String(contentsOfFile: source, encoding: .utf8))
        }
        let page = try await daemon.fetch("/?q=a.example")
        #expect(page.head.contains("Content-Type: text/html; charset=utf-8"))
        #expect(page.body.contains(">a.example.org") && page.body.hasSuffix("</html>\n"))
    }
}

extension String {
    fileprivate func components(of separator: String) -> [Substring] {
        split(separator: separator, omittingEmptySubsequences: false)
    }
}
