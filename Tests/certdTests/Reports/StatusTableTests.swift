import CertKit
import FoundationEssentials
import TestSupport
import Testing

@testable import certd

@Suite struct StatusTableTests {
    private func text(_ lineages: [LineageStatus], _ findings: [Finding] = []) -> String {
        let document = StatusDocument(lineages: lineages, findings: findings, at: MadeLeaf.now)
        return StatusTable(document: document, now: MadeLeaf.now).text()
    }

    private func stations(_ states: [(String, StationState)]) -> [StationStatus] {
        states.map { StationStatus(station: $0.0, where: "/w", state: $0.1.rawValue) }
    }

    @Test func `one line a lineage, then each finding with what to do`() async throws {
        let scratch = try ScratchDirectory()
        let leaf = try await MadeLeaf("healthy", in: scratch).leaf
        let stale = LineageStatus(
            name: "pbx.example.org", leaf: leaf,
            stations: stations([("bundle", .inSync), ("memory", .inSync), ("memory", .stale), ("wire", .notConfigured)]
            ),
            findings: [Finding(.memoryStale, "another one", remedy: "certd deploy LINEAGE", location: "/run/a.sock")])
        let lost = LineageStatus(
            name: "a.example.org", leaf: nil, stations: [],
            findings: [Finding(.fileMissing, "a.example.org: /x: no such file", remedy: "look", location: "/x")])
        let socket = Finding(.haproxyUnreachable, "/run/b.sock: refused", remedy: "start it", location: "/run/b.sock")
        let expires = "\(timeLeft(until: leaf.notAfter, from: MadeLeaf.now)) (\(minuteTime(leaf.notAfter)))"
        let dash = "-".padding(to: expires.count)
        #expect(
            text([lost, stale], [socket]) == """
                NAME             STATE     \("EXPIRES".padding(to: expires.count))  BUNDLE   MEMORY  WIRE  PROBLEM
                pbx.example.org  critical  \(expires)  in-sync  stale   -     memory-stale
                a.example.org    unknown   \(dash)  -        -       -     file-missing

                critical: pbx.example.org: memory-stale: another one (/run/a.sock)
                  fix: certd deploy pbx.example.org

                unknown: a.example.org: file-missing: /x: no such file
                  fix: look

                warning: haproxy-unreachable: /run/b.sock: refused
                  fix: start it

                """)
    }

    @Test(
        arguments: [
            ([.inSync, .notConfigured], "in-sync"), ([.notConfigured], "-"), ([], "-"),
            ([.unreachable, .missing], "missing"),
            ([.stale, .missing, .inSync], "stale"), ([.inSync, .unreachable], "unreachable"),
        ] as [([StationState], String)])
    func `of several sockets the worst is shown`(states: [StationState], word: String) {
        let row = text([
            LineageStatus(name: "a", leaf: nil, stations: stations(states.map { ("memory", $0) }), findings: [])
        ]).split(separator: "\n")[1].split(separator: " ")
        #expect(row.map(String.init) == ["a", "ok", "-", "-", word, "-"])
    }

    @Test func `hostile names and messages stay on their line`() {
        let hostile = "a\n\u{1B}[2Jroot|\u{202E}gpj"
        let shown = text([
            LineageStatus(
                name: hostile, leaf: nil, stations: [],
                findings: [Finding(.pemUnreadable, hostile, remedy: hostile, location: hostile)])
        ])
        let lines = shown.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines.dropFirst().allSatisfy { $0.contains(#"a\n\u{1B}[2Jroot|\u{202E}gpj"#) })
        #expect(!shown.unicodeScalars.contains { $0.value == 0x1b || $0.value == 0x202e })
    }

    @Test(arguments: [("a  b", #"a\u{20} b"#), ("  ", #"\u{20} "#), ("a b", "a b"), ("naïve", "naïve"), ("", "")])
    func `a cell holds no two blanks, which would look like its end`(name: String, cell: String) {
        let shown = text([LineageStatus(name: name, leaf: nil, stations: [], findings: [])])
        let width = max(cell.count, 4)
        #expect(
            shown == """
                \("NAME".padding(to: width))  STATE  EXPIRES  BUNDLE  MEMORY  WIRE
                \(cell.padding(to: width))  ok     -        -       -       -

                """)
    }

    @Test func `what concerns no lineage stands alone where there is none`() {
        #expect(
            text([], [Finding(.fileMissing, "/live: gone", remedy: "look", location: "/live")])
                == "unknown: file-missing: /live: gone\n  fix: look\n")
    }

    @Test func `a host where all is well fits a terminal of 80 characters`() async throws {
        let scratch = try ScratchDirectory()
        let leaf = try await MadeLeaf("healthy", in: scratch).leaf
        let lineage = LineageStatus(
            name: "pbx.example.org", leaf: leaf,
            stations: stations([("bundle", .inSync), ("memory", .inSync), ("wire", .inSync)]), findings: [])
        #expect(text([lineage]).split(separator: "\n").allSatisfy { $0.count <= 80 })
        #expect(!text([lineage]).contains("PROBLEM"))
    }
}
