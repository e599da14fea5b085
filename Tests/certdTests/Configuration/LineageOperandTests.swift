import CertKit
import SystemPackage
import Testing

@testable import certd

@Suite struct LineageOperandTests {
    private static let invalid = "is no lineage: neither a name of letters, digits, . _ * - nor an absolute directory"

    private func known() throws -> [Lineage] {
        try ["pbx.example.com", "www.example.com"].map { try Lineage($0, below: "/etc/letsencrypt") }
    }

    @Test(
        arguments: [
            ("pbx.example.com", "pbx.example.com", "/etc/letsencrypt/live/pbx.example.com"),
            ("/etc/letsencrypt/live/pbx.example.com/", "pbx.example.com", "/etc/letsencrypt/live/pbx.example.com"),
            ("/srv/acme/mail", "/srv/acme/mail", "/srv/acme/mail"),
        ] as [(String, String, FilePath)])
    func `a name or an absolute directory names a lineage`(operand: String, name: String, directory: FilePath) throws {
        let lineage = try load().lineage(for: operand, among: known())
        #expect(lineage.name == name)
        #expect(lineage.directory == directory)
    }

    @Test(arguments: [
        ("pbx.exmaple.com", "no lineage is called pbx.exmaple.com (LIVE)", "did you mean pbx.example.com?"),
        ("mail", "no lineage is called mail (LIVE)", "see which there are: ls LIVE"),
        ("LIVE/www.example.org", "no lineage is called www.example.org (LIVE)", "did you mean www.example.com?"),
        ("live/pbx", "\"live/pbx\" \(invalid)", "see which there are: certd check"),
        ("..", "\"..\" \(invalid)", "see which there are: certd check"),
        ("", "\"\" \(invalid)", "see which there are: certd check"),
        ("/", "\"/\" \(invalid)", "see which there are: certd check"),
    ])
    func `what names none is a wrong call`(operand: String, error: String, hint: String) throws {
        let live = "/etc/letsencrypt/live"
        let thrown = try #require(throws: LineageOperandError.self) {
            try load().lineage(for: operand.replacing("LIVE", with: live), among: known())
        }
        let report = try #require(ErrorReport(thrown))
        let lines = ["certd: error: \(error)", "certd: hint: \(hint)"]
        #expect(report.lines == lines.map { $0.replacing("LIVE", with: live) })
        #expect(report.isUsage)
    }

    @Test func `lineages that only an entry names are known too`() throws {
        let settings = try load(
            """
            bundle = [
                { lineage = "pbx.example.com", path = "/a" }, { lineage = "gone.example.com", path = "/b" },
                { lineage = "/srv/acme/mail", path = "/c" },
            ]
            """)
        #expect(
            try settings.lineages(with: known()).map(\.name)
                == ["pbx.example.com", "www.example.com", "gone.example.com", "/srv/acme/mail"])
    }
}

@Suite struct SocketChoiceTests {
    @Test(
        arguments: [
            ("[haproxy]\nsockets = [\"/own.sock\"]", ["/cfg.sock"], true, ["/own.sock"]),
            ("[haproxy]\nsockets = []", ["/cfg.sock"], true, []),
            ("", ["/cfg.sock", "/b.sock"], true, ["/cfg.sock", "/b.sock"]),
            ("", [], true, ["/run/haproxy/admin.sock"]), ("", [], false, []),
        ] as [(String, [FilePath], Bool, [FilePath])])
    func `sockets are the configured ones, else HAProxy's own, else the usual one`(
        toml: String, stats: [FilePath], isPresent: Bool, sockets: [FilePath]
    ) throws {
        #expect(try load(toml).adminSockets(statsSockets: stats) { _ in isPresent } == sockets)
    }
}
