import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// The grammar of every form of answer, where names are as hostile as they can be.
@Suite struct HostileOutputTests {
    /// The lineages, and the files with names of their own.
    private static let fileCount = HostileProgram.fileNames.count + 1
    private static let count = HostileProgram.names.count + fileCount

    private func check(_ program: BuiltProgram, _ options: [String]) async throws -> String {
        let operands = HostileProgram.names + [HostileProgram.files(of: program).string]
        let run = try await program.run(["check"] + options + operands)
        #expect(run.status == 3 || run.status == 2, "\(run)")
        #expect(run.errors.isEmpty && HostileProgram.isPlain(run.output), "\(options): \(run.output)")
        #expect(run.output.hasSuffix("\n"))
        return run.output
    }

    private func lines(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }

    @Test func `plugin output has one bar, whole performance data and known lines`() async throws {
        let program = try await HostileProgram.make()
        let datum = #/('(?:[^'=|]|'')+'|[a-z]+)=(U|-?[0-9]+s?(;[0-9]*;[0-9]*;0;[0-9]+)?)/#
        let known = #/ *\\_\[(OK|WARNING|CRITICAL|UNKNOWN)\] .+|  (leaf|bundle|memory|wire): .+|  …|… .+/#
        for verbosity in [[], ["-v"], ["-vv"], ["-vvv"]] {
            let lines = lines(try await check(program, ["-o", "nagios"] + verbosity))
            #expect(lines.joined().count { $0 == "|" } == 1)
            let parts = try #require(lines.first).split(separator: " | ", maxSplits: 1)
            #expect(parts[0].hasPrefix("CERTD ") && parts[0].count < 80)
            var data = parts[1]
            var found = 0
            while let match = data.prefixMatch(of: datum) {
                found += 1
                data = data[match.range.upperBound...]
                guard data.hasPrefix(" ") else { break }
                data = data.dropFirst()
            }
            #expect(data.isEmpty && found == 2 + Self.count, "\(data)")
            for line in lines.dropFirst() { #expect(line.wholeMatch(of: known) != nil, "\(line)") }
        }
    }

    @Test func `metrics are lines of the text format, each series once`() async throws {
        let program = try await HostileProgram.make()
        let text = try await check(program, ["-o", "prometheus"])
        let comment = #/# (HELP [a-z0-9_]+ [^\\]+|TYPE [a-z0-9_]+ gauge)/#
        let label = #/[a-zA-Z0-9_]+="(?:[^"\\]|\\[\\"n])*"/#
        var series: Set<String> = []
        for line in lines(text) where line.wholeMatch(of: comment) == nil {
            var rest = line[...].drop { $0.isLetter || $0.isNumber || $0 == "_" }
            if rest.hasPrefix("{") {
                repeat {
                    rest = rest.dropFirst()
                    let match = try #require(rest.prefixMatch(of: label), "\(line)")
                    rest = rest[match.range.upperBound...]
                } while rest.hasPrefix(",")
                #expect(rest.hasPrefix("} "), "\(line)")
                rest = rest.dropFirst()
            }
            #expect(rest.first == " " && Double(rest.dropFirst()) != nil, "\(line)")
            #expect(series.insert(String(line.dropLast(rest.count))).inserted, "\(line)")
        }
        #expect(series.count { $0.hasPrefix("certd_check_state{") } == Self.count)
        guard hasTool("promtool") else { return }
        #expect(try await runTool("promtool", ["check", "metrics"], input: text).succeeded)
    }

    @Test(arguments: ["table", "wide"])
    func `each row has its columns, and no cell looks like two`(form: String) async throws {
        let program = try await HostileProgram.make()
        let rows = lines(try await check(program, ["-o", form])).prefix { !$0.isEmpty }
        #expect(rows.count == 1 + Self.count)
        let widths = rows.map { row in row.split(separator: #/ {2,}/#).count }
        // Where nothing is wrong the last cell is empty.
        #expect(widths.allSatisfy { $0 == widths[0] || $0 == widths[0] - 1 }, "\(rows.joined(separator: "\n"))")
        for row in rows.dropFirst() {
            let state = row.split(separator: #/ {2,}/#)[1]
            #expect(["ok", "warning", "critical", "unknown"].contains(String(state)), "\(row)")
        }
    }

    @Test func `an inspection is one tree and one bar for each file, and each line is one that it has`() async throws {
        let program = try await HostileProgram.make()
        let run = try await program.run(["inspect", HostileProgram.files(of: program).string])
        #expect(run.status == 0 && run.errors.isEmpty && HostileProgram.isPlain(run.output), "\(run)")
        let known = #"""
            |chain|validity|/.+: certificates
            |  (names|subject|issuer|key|serial|sha256) +.+| {11}.+
            |  ( *`- )?.+ \((leaf|intermediate|trust anchor.*), .+, ends [0-9-]{10}\)
            |  beside it: .+, ends [0-9-]{10}
            |  [0-9-]{10} \[#*-*\] [0-9-]{10}|  [0-9]+% used, .+
            |  (warning|critical): [a-z-]+: .+|    fix: .+
            """#
        let line = try Regex(known.replacing("\n", with: ""))
        for text in lines(run.output) { #expect(try line.wholeMatch(in: text) != nil, "\(text)") }
        #expect(lines(run.output).count { $0 == "chain" } == Self.fileCount)
        #expect(lines(run.output).count { $0 == "validity" } == Self.fileCount)
        for name in HostileProgram.fileNames {
            let alone = try await program.run(["inspect", HostileProgram.files(of: program).appending(name).string])
            #expect(alone.status == 0 && HostileProgram.isPlain(alone.output), "\(alone)")
        }
    }

    @Test func `a document of hostile files is whole, and names each as it is called`() async throws {
        let program = try await HostileProgram.make()
        let files = HostileProgram.files(of: program)
        for text in [
            try await program.run(["inspect", "--json", files.string]).output, try await check(program, ["--json"]),
        ] {
            #expect(HostileProgram.isPlain(text), "\(text)")
            let names = Set(try JSONDecoder().decode(Names.self, from: Data(text.utf8)).lineages.map(\.name))
            #expect(names.isSuperset(of: HostileProgram.fileNames.map { files.appending($0).string }))
            #expect(names.contains("\(files)/e\u{FFFD}.pem"))
        }
    }

    @Test func `a status is a block for each lineage, and each line is one that it has`() async throws {
        let program = try await HostileProgram.make()
        let run = try await program.run(["status"])
        #expect(run.errors.isEmpty && HostileProgram.isPlain(run.output), "\(run)")
        let station = #/  (lineage|bundle|memory|wire)  .+|  no deployment is on record|  renewal due .+/#
        let finding = #/  [a-z]+: [a-z-]+: .+|    fix: .+/#
        var names: [String] = []
        for block in run.output.dropLast().split(separator: "\n\n") {
            let lines = block.split(separator: "\n")
            names.append(String(lines[0].prefix { $0 != " " }))
            #expect(lines[0].contains(#/^[a-z]+  (ok|warning|critical|unknown)/#), "\(block)")
            for text in lines.dropFirst() {
                #expect(text.wholeMatch(of: station) != nil || text.wholeMatch(of: finding) != nil, "\(text)")
            }
        }
        #expect(names.sorted() == HostileProgram.names)
    }
}

/// As much of the document as is looked at here.
private struct Names: Decodable {
    struct Lineage: Decodable { let name: String }
    let lineages: [Lineage]
}
