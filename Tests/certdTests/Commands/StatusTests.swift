import CertKit
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import certd

@Suite struct StatusTests {
    @Test func `the worst comes first, with ages and the last deployment`() async throws {
        let program = try await BuiltProgram(lineages: [
            ("a.example.org", ["--not-after=+80d"]), ("b.example.org", ["--case", "expired"]),
        ])
        let before = try await program.run(["status", "a.example.org"])
        #expect(before.status == 0 && before.output.contains("\n  no deployment is on record\n"))
        _ = try await program.run(["deploy"])
        let run = try await program.run(["status"])
        #expect(run.status == 0 && run.errors.isEmpty)
        let first = try #require(run.output.firstRange(of: "b.example.org  critical  expired "))
        let second = try #require(run.output.firstRange(of: "\n\na.example.org  ok  79d 23h ("))
        #expect(first.lowerBound < second.lowerBound)
        let bundle = program.scratch.file("certs/a.example.org.pem")
        #expect(run.output.contains("\n  bundle   in-sync        \(bundle), written "))
        #expect(run.output.contains("\n  memory   not-configured\n  wire     not-configured\n  last deployed "))
    }

    @Test func `when certbot renews is a date, marked where it is an estimate`() async throws {
        let program = try await BuiltProgram(lineages: [
            ("due.example.org", ["--not-after=+20d"]), ("later.example.org", ["--not-after=2036-01-31T00:00:00Z"]),
            ("estimated.example.org", ["--not-after=2036-01-31T00:00:00Z", "--certbot-version", "5.6.0"]),
            ("manual.example.org", ["--not-after=2036-01-31T00:00:00Z"]),
        ])
        let renewal = program.letsencrypt.appending("renewal/manual.example.org.conf")
        try (try text(of: renewal) + "autorenew = False\n").write(
            toFile: renewal.string, atomically: true, encoding: .utf8)
        let run = try await program.run(["status"])
        var lines: [Substring: Substring] = [:]
        for block in run.output.split(separator: "\n\n") {
            lines[block.prefix { $0 != " " }] = block.split(separator: "\n").first { $0.contains("renewal due") }
        }
        #expect(lines["due.example.org"]?.contains(#/^  renewal due for 1d \(20..-..-.. ..:..Z\)$/#) == true, "\(run)")
        #expect(
            lines["later.example.org"]?.contains(#/^  renewal due in \d+d(?: \d+h)? \(2036-01-01 00:00Z\)$/#) == true,
            "\(run)")
        #expect(
            lines["estimated.example.org"]?.contains(#/^  renewal due in .*\(20..-..-.. ..:..Z, an estimate\)$/#)
                == true,
            "\(run)")
        #expect(lines.keys.contains("manual.example.org") == false, "\(run)")
    }

    @Test func `a failure of a lineage elsewhere is remembered too`() async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", ["--case", "key-mismatch"])])
        let elsewhere = program.scratch.file("elsewhere")
        try FileManager.default.copyItem(
            atPath: program.letsencrypt.appending("archive/a.example.org").string, toPath: elsewhere.string)
        for name in ["cert", "chain", "fullchain", "privkey"] {
            try FileManager.default.moveItem(
                atPath: elsewhere.appending("\(name)1.pem").string, toPath: elsewhere.appending("\(name).pem").string)
        }
        let toml = try program.scratch.read("certd.toml")
        try program.scratch.write(
            toml + "\n[[bundle]]\nlineage = \"\(elsewhere)\"\npath = \"\(program.scratch.file("e.pem"))\"\n",
            to: "certd.toml")
        #expect(try await program.run(["deploy", elsewhere.string]).status == 1)
        #expect(try await program.run(["check", elsewhere.string]).output.contains("deploy-failed"))
    }
}
