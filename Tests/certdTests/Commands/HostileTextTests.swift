import CertKit
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// Names in certificates and files are anybody's: whatever stands in them, the answer keeps its shape.
@Suite struct HostileTextTests {
    private static let link = HostileProgram.link
    private static let names = HostileProgram.names

    private func program() async throws -> BuiltProgram { try await HostileProgram.make() }

    @Test func `hostile names change no line of the table, and one broken lineage hides no other`() async throws {
        let run = try await program().run(["check"])
        #expect(
            run.status == 2 && run.errors.isEmpty && HostileProgram.isPlain(run.output), "\(run.output)\(run.errors)")
        let parts = run.output.split(separator: "\n\n")
        let rows = try #require(parts.first).split(separator: "\n").dropFirst()
        #expect(rows.map { $0.prefix { $0 != " " } }.sorted() == Self.names.map { $0[...] })
        for problem in parts.dropFirst() {
            let lines = problem.split(separator: "\n")
            #expect(lines.count == 2, "\(problem)")
            #expect(Self.names.contains { lines[0].split(separator: " ")[1] == "\($0):" }, "\(problem)")
            #expect(lines.last?.hasPrefix("  fix: ") == true)
        }
        let shown = #"CN=a\n\r\t|b\;\"\\\u{1B}[2J\u{202E}\u{2028}critical: \00,O=certd tests is sent twice"#
        #expect(run.output.contains(shown))
    }

    @Test func `hostile names change no field of the JSON`() async throws {
        let run = try await program().run(["check", "--json"])
        #expect(
            run.status == 2 && run.errors.isEmpty && HostileProgram.isPlain(run.output), "\(run.output)\(run.errors)")
        let document = try JSONDecoder().decode(Document.self, from: Data(run.output.utf8))
        #expect(document.lineages.map(\.name).sorted() == Self.names)
        #expect(document.lineages.allSatisfy { ($0.name == "linked") == ($0.leaf == nil) })
        let names = try #require(document.lineages.first { $0.name == "hostile" }?.leaf).names
        #expect(
            names == [
                "pbx.example.org", #"a\nok"#, "b|c=1;2", #"\u{1B}]0;d\u{7}"#, #"\u{202E}e\u{2069}"#,
                "\u{FFFD}\u{FFFD}\u{FFFD}f", #"g"\"#,
            ])
    }

    @Test func `a hostile argument changes no line of what is said of it`() async throws {
        let program = try await program()
        for command in ["explain", "check", "check --only", "check --host", "check --trust", "deploy", "build"] {
            let run = try await program.run(command.split(separator: " ").map(String.init) + [Self.link])
            #expect(
                run.status != 0 && HostileProgram.isPlain(run.output) && HostileProgram.isPlain(run.errors),
                "\(command): \(run.errors)")
            for line in run.errors.split(separator: "\n") { #expect(line.hasPrefix("certd: "), "\(line)") }
        }
    }

    @Test func `locale and time zone change nothing`() async throws {
        let program = try await program()
        for command in [["check"], ["check", "--json"], ["explain"]] {
            var answers: Set<String> = []
            for environment in [
                [], ["LC_ALL=C", "TZ=Asia/Kathmandu"],
                ["LC_ALL=tr_TR.UTF-8", "LANG=ar_EG.UTF-8", "TZ=America/St_Johns"],
            ] {
                let output = try await program.run(command, environment: environment).output
                // The clock goes on between two runs.
                let timeless = output.replacing(/"checked_at" : "[^"]*"|\d+d(?: \d+h)?|\d+h(?: \d+m)?/, with: "")
                answers.insert(timeless)
            }
            #expect(answers.count == 1, "\(command): \(answers)")
        }
    }
}

/// As much of the document as is looked at here.
private struct Document: Decodable {
    struct Lineage: Decodable {
        struct Leaf: Decodable { let names: [String] }
        let name: String
        let state: String
        let leaf: Leaf?
    }
    let lineages: [Lineage]
}
