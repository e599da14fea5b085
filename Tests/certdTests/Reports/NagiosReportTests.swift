import CertKit
import FoundationEssentials
import TestSupport
import Testing

@testable import certd

/// What a monitoring system parses: the grammar of the Monitoring Plugins' guidelines, and of Icinga 2.
@Suite struct NagiosReportTests {
    private func certificate(_ scratch: ScratchDirectory, _ options: [String]) async throws -> Certificate {
        try await MadeCertificates.lineage("a.example.org", below: scratch.path, options)
        let contents = try readFile(at: scratch.file("live/a.example.org/cert.pem"))
        let parsed = try contents.bytes.withSpan { text throws(PEMError) in
            try PEMContents(parsing: text, file: "cert.pem")
        }
        return try #require(parsed.certificates.first)
    }

    private var now: Date { get throws { try Date(MadeCertificates.now, strategy: .iso8601) } }

    private func text(
        _ lineages: [LineageStatus], findings: [Finding] = [], verbosity: Int = 0, limit: Int? = nil,
        thresholds: Thresholds = .standard
    ) throws -> String {
        let document = StatusDocument(lineages: lineages, findings: findings, at: try now)
        return NagiosReport(
            document: document, now: try now, thresholds: thresholds, verbosity: verbosity, perfdataLimit: limit
        ).text()
    }

    private func status(_ name: String, _ leaf: Certificate?, _ findings: [Finding] = []) -> LineageStatus {
        LineageStatus(name: name, leaf: leaf, stations: [], findings: findings)
    }

    private let stale = Finding(.memoryStale, "another certificate", remedy: "certd deploy NAME", location: "/x.pem")
    private let surplus = Finding(.rootInChain, "a root", remedy: "certd deploy")

    @Test func `the first line tells the worst, and performance data follow the bar`() async throws {
        let scratch = try ScratchDirectory()
        let leaf = try await certificate(scratch, ["--not-before=-65d", "--not-after=+25d"])
        let text = try text([
            status("b.example.org", leaf, [surplus]), status("c.example.org", nil, [stale]), status("a'b.org", leaf),
        ])
        let lines = text.split(separator: "\n").map(String.init)
        #expect(
            lines[0] == "CERTD CRITICAL: 2 of 3 lineages: c.example.org: memory-stale … | certificates=3 problems=2 "
                + "'c.example.org'=U 'b.example.org'=2160000s;1944000;777600;0;7776000 "
                + "'a''b.org'=2160000s;1944000;777600;0;7776000")
        #expect(
            lines.dropFirst() == [
                #"\_[CRITICAL] c.example.org: memory-stale /x.pem (fix: certd deploy NAME)"#,
                #"\_[WARNING] b.example.org: root-in-chain (fix: certd deploy)"#,
            ])
    }

    @Test func `an expired certificate counts below zero, and ranges give no boundary`() async throws {
        let scratch = try ScratchDirectory()
        let leaf = try await certificate(scratch, ["--not-before=-91d", "--not-after=-1d"])
        let thresholds = try Thresholds(warning: Threshold("10:"), critical: Threshold("@0:86400"))
        let text = try text([status("a", leaf)], limit: nil, thresholds: thresholds)
        #expect(text.contains("'a'=-86400s;;;0;7776000\n"))
        #expect(try self.text([status("a", leaf)], limit: 0).hasSuffix("| certificates=1 problems=0\n"))
    }

    @Test(arguments: [
        "a", "a'b|c", "a=b", "a\nb", "a\u{1B}[31mb", "a\u{202E}b", "a\\b", "ä ö", String(repeating: "x", count: 300),
    ])
    func `no text changes the structure`(text: String) async throws {
        let hostile = Finding(.memoryStale, "m \(text)", remedy: "r \(text)", location: "l \(text)")
        for verbosity in 0...3 {
            let output = try self.text([status(text, nil, [hostile])], findings: [hostile], verbosity: verbosity)
            let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count == (verbosity < 2 ? 4 : 6) && lines.last == "")
            #expect(output.filter { $0 == "|" }.count == 1)
            let parts = lines[0].split(separator: " | ", maxSplits: 1)
            #expect(parts[0].count < 80 && parts[0].hasPrefix("CERTD CRITICAL: 1 of 1 lineages"))
            let label = text.printable(escaping: ["|"]).replacing("'", with: "''").replacing("=", with: "_")
            #expect(parts[1] == "certificates=1 problems=1 '\(label)'=U")
            #expect(output.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && $0.value != 0x202E })
        }
    }

    @Test func `of two hundred lineages plugin output tells what Nagios reads, and what it leaves out`() async throws {
        let scratch = try ScratchDirectory()
        let leaf = try await certificate(scratch, ["--not-after=+80d"])
        let long = Finding(.memoryStale, String(repeating: "x", count: 300), remedy: String(repeating: "y", count: 200))
        func name(_ number: Int) -> String { "host-\(number + 100).voice.region.example.org" }
        let healthy = (0..<200).map { status(name($0), leaf) }
        let broken = (0..<200).map { status(name($0), leaf, [long, surplus]) }
        for (lineages, state) in [
            (healthy, "OK"), (broken, "CRITICAL"), (healthy.dropLast() + [broken[0]], "CRITICAL"),
        ] as [([LineageStatus], String)] {
            for verbosity in 0...3 {
                let text = try text(lineages, verbosity: verbosity)
                // Nagios Core keeps 8,192 bytes with the zero at their end.
                #expect(text.utf8.count < 8192 && text.hasPrefix("CERTD \(state): "), "\(text.utf8.count)")
                let lines = text.split(separator: "\n").map(String.init)
                let told = lines.count { $0.hasPrefix("\\_[") }
                let all = verbosity > 0 ? 200 : lineages.count { $0.severity != .ok }
                let rest = lines.first { $0.contains(" more: certd check") }
                #expect(rest == (told < all ? "… and \(all - told) more: certd check" : nil))
                #expect(all == 0 || told > 0)
                let data = try #require(lines[0].split(separator: " | ").last).split(separator: " ").count - 2
                #expect(
                    data > 40 && lines.contains("… performance data of \(data) of 200: --max-perfdata 200 gives all"))
            }
        }
        let asked = try text(broken, limit: 200)
        #expect(asked.split(separator: "\n")[0].split(separator: " | ").last?.split(separator: " ").count == 202)
        #expect(asked.contains("\\_[CRITICAL] \(name(0)): memory-stale") && !asked.contains("performance data of"))
        #expect(
            try text(broken, limit: 3).split(separator: "\n")[0].split(separator: " ").count { $0.contains("'host") }
                == 3)
    }

    @Test func `one lineage with more to tell than Nagios reads is told as far as it goes`() async throws {
        let findings = (0..<30).map {
            Finding(.memoryStale, "\($0) " + String(repeating: "x", count: 300), remedy: "certd deploy")
        }
        let text = try text([status("a", nil, findings)], verbosity: 2)
        #expect(text.utf8.count < 8192)
        #expect(text.contains("\n  \\_[CRITICAL] memory-stale: 0 ") && text.hasSuffix("\n  …\n"))
    }

    @Test func `more v tell more`() async throws {
        let scratch = try ScratchDirectory()
        let leaf = try await certificate(scratch, ["--not-after=+80d"])
        let lineages = [status("a", leaf), status("b", leaf, [stale, surplus])]
        let counts = try (0...3).map { try text(lineages, verbosity: $0).split(separator: "\n").count }
        #expect(counts == [2, 3, 5, 7])
        #expect(try text(lineages, verbosity: 1).hasSuffix("\\_[OK] a: 80d (2027-02-11 00:00Z)\n"))
    }

    @Test func `all is well in one line, which names what ends first`() async throws {
        let scratch = try ScratchDirectory()
        let leaf = try await certificate(scratch, ["--not-after=+80d"])
        let line = try text([status("a", leaf), status("b", leaf)])
        #expect(line.hasPrefix("CERTD OK: 2 lineages, the first to end in 80d: a | certificates=2 problems=0 'a'="))
        for part in line.dropLast().split(separator: " | ")[1].split(separator: " ") {
            // `'label'=value[UOM];[warn];[crit];[min];[max]`, with a bare number in each place, as Icinga 2 takes it.
            let grammar = #/('(?:[^'=|\n]|'')+'|[a-z]+)=(U|-?[0-9]+s?(;[0-9]*;[0-9]*;0;[0-9]+)?)/#
            #expect(String(part).wholeMatch(of: grammar) != nil, "\(part)")
        }
    }
}
