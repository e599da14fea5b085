import CertKit
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import certd

@Suite struct PrometheusReportTests {
    @Test(arguments: [
        ("", "0"), ("00", "0"), ("ff", "255"), ("0100", "256"),
        ("03a052baebac0b542e9f95dd9f31f5076a5a", "315892003745497951589174242148483298978394"),
        (String(repeating: "ff", count: 20), "1461501637330902918203684832716283019655932542975"),
    ])
    func `a serial in decimal`(hexadecimal: String, wanted: String) {
        #expect(decimal(hexadecimal: hexadecimal) == wanted)
    }

    @Test func `hostile text stays inside its label, and no series comes twice`() throws {
        let finding = Finding(.deployFailed, "x", remedy: "certd deploy")
        let name = "a\"b\\c\nd"
        let statuses = [1, 2].map { _ in LineageStatus(name: name, leaf: nil, stations: [], findings: [finding]) }
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        let document = StatusDocument(lineages: statuses, findings: [], at: now)
        let text = PrometheusReport(document: document, now: now).text()
        let series = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(series.count == Set(series).count)
        #expect(text.contains(#"certd_check_state{lineage="a\"b\\c\\nd"} 2"# + "\n"))
        #expect(text.contains("certd_last_check_timestamp_seconds 1800000000\n"))
        for line in series { #expect(line.split(separator: "} ").last?.split(separator: " ").count ?? 9 < 3) }
    }

    @Test(.enabled(if: hasTool("promtool")))
    func `promtool finds nothing to say`() async throws {
        let program = try await BuiltProgram(lineages: [
            ("a.example.org", []), ("b.example.org", ["--case", "expired"]),
        ])
        _ = try await program.run(["deploy"])
        let run = try await program.run(["check", "-o", "prometheus"])
        let verdict = try await runTool("promtool", ["check", "metrics"], input: run.output)
        #expect(verdict.succeeded && verdict.output.isEmpty && verdict.errors.isEmpty, "\(verdict)")
    }

    @Test func `whether HAProxy answers is told while it runs and when it is gone`() async throws {
        let rig = try await Rig()
        let configuration = try rig.scratch.write(rig.toml(), to: "certd.toml")
        let program = try await BuiltProgram()
        let series = "certd_haproxy_up{socket=\"\(rig.socket)\"}"
        func up() async throws -> [String] {
            let arguments = ["check", "-o", "prometheus", "--config", configuration.string]
            let text = try await program.run(arguments).output
            return text.split(separator: "\n").map(String.init).filter { $0.hasPrefix("certd_haproxy_up") }
        }
        #expect(try await up() == ["\(series) 1"])
        // Killed, it leaves its socket behind, and nobody listens there.
        try await rig.kill()
        #expect(try await up() == ["\(series) 0"])
        try remove(rig.socket)
        #expect(try await up() == ["\(series) 0"])
        try await rig.start()
        #expect(try await up() == ["\(series) 1"])
    }

    @Test func `an expired certificate keeps its series, and the file is there for everybody`() async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", ["--case", "expired"])])
        let file = program.scratch.file("certd.prom")
        let run = try await program.run(["check", "-o", "prometheus", "--output-file", file.string])
        #expect(run.status == 2 && run.output.isEmpty && run.errors.isEmpty)
        #expect(try Stat(file).permissions.rawValue & 0o777 == 0o644)
        let text = try program.scratch.read("certd.prom")
        for metric in ["x509_cert_not_after{", "x509_cert_expired{", "certd_certificate_lifetime_ratio{"] {
            #expect(text.contains("\n\(metric)"))
        }
        #expect(text.contains(#"certd_finding{lineage="a.example.org",finding="expired",severity="critical"} 1"#))
        #expect(
            !(try FileManager.default.contentsOfDirectory(atPath: program.scratch.path.string)).contains {
                $0.hasPrefix(".certd.prom")
            })
    }
}

/// Whether a tool that not every machine has is on PATH.
func hasTool(_ name: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
        FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
    }
}
