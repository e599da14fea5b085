import CertKit
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@Suite struct LineageTests {
    let scratch: ScratchDirectory
    let letsencrypt: FilePath

    init() throws {
        scratch = try ScratchDirectory()
        letsencrypt = try scratch.makeDirectory("letsencrypt")
        try scratch.makeDirectory("letsencrypt/live")
    }

    @Test func `every directory below live is a lineage, and nothing else is`() throws {
        for name in ["pbx.example.com", "*.example.org", "a_b-1", ".hidden", "two words", "x..y"] {
            try scratch.makeDirectory("letsencrypt/live/\(name)")
        }
        try scratch.write("This directory contains your keys", to: "letsencrypt/live/README")
        try scratch.makeLink("letsencrypt/live/linked", to: "pbx.example.com")
        try scratch.makeLink("letsencrypt/live/dangling", to: "nowhere")
        let lineages = try Lineage.all(below: letsencrypt)
        #expect(lineages.map(\.name) == ["*.example.org", "a_b-1", "linked", "pbx.example.com"])
        #expect(lineages.map(\.directory).last == letsencrypt.appending("live/pbx.example.com"))
    }

    @Test func `a link that leads nowhere but to itself is listed, and hides no other`() async throws {
        try scratch.makeDirectory("letsencrypt/live/pbx.example.com")
        try scratch.makeLink("letsencrypt/live/circle", to: "circle")
        let lineages = try Lineage.all(below: letsencrypt)
        #expect(lineages.map(\.name) == ["circle", "pbx.example.com"])
        let reader = GenerationReader(bound: .zero, keyGroups: []) { .now }
        await #expect(throws: LineageError.self) { try await reader.read(lineages[0], on: SteppingClock()) }
    }

    @Test func `lineages are in the order of their names, which are paths where another client keeps them`() throws {
        let etc: FilePath = "/etc/letsencrypt"
        let ordered = try ["/a/certs", "/b", "a-b", "a.b", "ab", "b"].map { try Lineage($0, below: etc) }
        #expect(ordered.reversed().sorted() == ordered)
    }

    @Test func `a host without certbot has no live directory and says so`() throws {
        try scratch.remove("letsencrypt/live", isDirectory: true)
        let missing = letsencrypt.appending("live")
        #expect(throws: LineageError.file(lineage: missing.string, .missing(path: missing))) {
            try Lineage.all(below: letsencrypt)
        }
    }

    @Test func `what certbot says in RENEWED_LINEAGE is believed below its live directory`() throws {
        let expected = try Lineage("pbx.example.com", below: letsencrypt)
        let path = letsencrypt.appending("live/pbx.example.com").string
        for hint in [path, path + "/", path.replacing("/live/", with: "//live/")] {
            #expect(try Lineage(hint: hint, below: letsencrypt) == expected)
        }
        // certbot may know its directory by another name.
        try scratch.makeLink("le", to: "letsencrypt")
        #expect(try Lineage(hint: scratch.file("le/live/pbx.example.com").string, below: letsencrypt) == expected)
    }

    @Test(arguments: [
        "", "pbx.example.com", "/etc/passwd", "LIVE", "LIVE/", "LIVE/..", "LIVE/../../../etc", "LIVE/a/b",
        "LIVE/a/../b",
        "LIVE/.hidden", "LIVE/a..b", "LIVE/two words", "LIVE/$(reboot)", "LIVE/a;b", "LIVE/a\nb", "LIVE/ä",
    ])
    func `anything else in RENEWED_LINEAGE is not believed`(text: String) {
        let live = letsencrypt.appending("live")
        let hint = text.replacing("LIVE", with: live.string)
        #expect(throws: LineageError.notBelieved(hint: hint, live: live)) {
            try Lineage(hint: hint, below: letsencrypt)
        }
    }

    @Test(arguments: ["", "a/b", "..", ".", "x y", "/", "/a/../b", "-\u{1b}[31m"])
    func `a text that can be no lineage is refused`(text: String) {
        #expect(throws: LineageError.invalidName(text)) { try Lineage(text, below: letsencrypt) }
        #expect(!LineageError.invalidName(text).description.contains("\u{1b}"))
    }

    @Test func `a lineage is named by its name or its directory`() throws {
        let certbots = try Lineage("site", below: letsencrypt)
        #expect(certbots.isCertbots)
        #expect(try Lineage(letsencrypt.appending("live/site").string, below: letsencrypt) == certbots)
        let other = try Lineage("/srv/acme/site", below: letsencrypt)
        #expect(!other.isCertbots)
        #expect((other.name, other.directory) == ("/srv/acme/site", "/srv/acme/site"))
    }
}
