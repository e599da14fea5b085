import Testing

@testable import HAProxyKit

@Suite struct CrtListEntryTests {
    @Test(
        arguments: [
            ("site.pem", "site.pem", []), ("  site.pem \t", "site.pem", []), ("site.pem\r", "site.pem", []),
            ("site.pem !*", "site.pem", ["!*"]), ("site.pem [alpn h2]", "site.pem", []),
            (
                "site.pem [alpn h2 verify none] *.example.com !x.example.com", "site.pem",
                ["*.example.com", "!x.example.com"]
            ),
            ("site.pem[alpn h2]a.example.com", "site.pem", ["a.example.com"]), ("a#b.pem", "a#b.pem", []),
            (" # x", "#", ["x"]),
        ] as [(String, String, [String])])
    func `a line names a certificate and what it is limited to`(line: String, certificate: String, filters: [String]) {
        let entry = CrtListEntry(line.utf8)
        #expect(entry?.certificate == certificate)
        #expect(entry?.filters == filters)
    }

    @Test(arguments: ["", "   ", "\r", "#site.pem", "# x"])
    func `a line without a certificate is passed over`(line: String) {
        #expect(CrtListEntry(line.utf8) == nil)
    }
}
