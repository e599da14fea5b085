import CertKit
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// What other tools say of the same lineages: `docs/comparison.md`, which `scripts/make-comparison-page` writes.
@Suite struct ComparisonTests {
    private static let page = packageDirectory.appending("docs/comparison.md").string

    @Test(.timeLimit(.minutes(5)))
    func `the page says what openssl, haproxy and certbot say of every lineage`() async throws {
        let tools = try await OtherTools(on: LineageTree())
        let text = try await tools.page(of: LineageTable.verdicts)
        if ProcessInfo.processInfo.environment["CERTD_WRITE_PAGES"] != nil {
            try text.write(toFile: Self.page, atomically: true, encoding: .utf8)
        }
        let committed = try String(contentsOfFile: Self.page, encoding: .utf8)
        for (name, verdict) in LineageTable.verdicts {
            #expect(committed.contains("| \(name) | \(verdict) |"), "\(name)")
        }
        // Other versions may say other things.
        guard committed.contains(try await tools.versions()) else { return }
        #expect(committed == text, "run scripts/make-comparison-page")
    }
}

/// The tools that people ask today, on one tree.
private struct OtherTools {
    let tree: LineageTree

    init(on tree: LineageTree) { self.tree = tree }

    func page(of verdicts: [String: String]) async throws -> String {
        let names = verdicts.keys.sorted()
        var rows: [String] = []
        // certbot comes last: it repairs some of what it finds.
        for name in names {
            rows.append(
                "| \(name) | \(verdicts[name] ?? "") | \(try await openssl(name)) | \(try await haproxy(name)) |")
        }
        let certbot = try await certbot()
        rows = zip(names, rows).map { name, row in "\(row) \(certbot[name] ?? "nothing") |" }
        return """
            # What others say of the same lineages

            Made by `scripts/make-comparison-page`: a tree of lineages, each broken in one or several ways or healthy in an unusual
            one, and what these commands say of it (\(try await versions())):

            - `certd check`, without HAProxy;
            - `openssl verify -CAfile ROOT -untrusted fullchain.pem cert.pem`;
            - `haproxy -c` with fullchain.pem and privkey.pem in one file on its bind line;
            - `certbot certificates`.

            | lineage | certd check | openssl verify | haproxy -c | certbot certificates |
            | --- | --- | --- | --- | --- |
            \(rows.joined(separator: "\n"))

            """
    }

    func versions() async throws -> String {
        let openssl = try await requireTool("openssl", ["version"]).split(separator: " ").prefix(2).joined(
            separator: " ")
        let haproxy = try await requireTool("haproxy", ["-v"]).split(separator: " ").dropFirst(2).first ?? ""
        let certbot = try await requireTool("certbot", ["--version"]).split(separator: "\n").joined()
        return "\(openssl), HAProxy \(haproxy.prefix { $0 != "-" }), \(certbot)"
    }

    private func file(_ name: String, _ kind: String) -> FilePath {
        tree.letsencrypt.appending("live/\(name)/\(kind).pem")
    }

    /// A device or a named pipe would be read for ever.
    private func isRegular(_ name: String, _ kinds: String...) -> Bool {
        kinds.allSatisfy { (try? readFile(at: file(name, $0), limit: 4 << 20)) != nil }
    }

    private func openssl(_ name: String) async throws -> String {
        guard isRegular(name, "cert", "fullchain") else { return "cannot read it" }
        let run = try await runTool(
            "timeout",
            [
                "5", "openssl", "verify", "-CAfile", tree.root.string, "-untrusted", file(name, "fullchain").string,
                file(name, "cert").string,
            ])
        return verdict(of: run)
    }

    private func verdict(of run: ToolRun) -> String {
        run.status == 124 ? "is not done after 5 s" : run.succeeded ? "accepts" : "refuses"
    }

    private func haproxy(_ name: String) async throws -> String {
        guard isRegular(name, "fullchain", "privkey") else { return "cannot read it" }
        try await requireTool(
            "sh",
            [
                "-c", "cat \"$1\" \"$2\" >\"$3\"", "sh", file(name, "fullchain").string, file(name, "privkey").string,
                tree.scratch.file("combined.pem").string,
            ])
        try tree.scratch.write(
            "defaults\n  timeout client 1s\n  timeout server 1s\n  timeout connect 1s\nlisten tls\n"
                + "  bind 127.0.0.1:8443 ssl crt \(tree.scratch.file("combined.pem"))\n  server none 127.0.0.1:9\n",
            to: "haproxy.cfg")
        let run = try await runTool("timeout", ["5", "haproxy", "-c", "-f", tree.scratch.file("haproxy.cfg").string])
        return verdict(of: run)
    }

    /// What it says of each lineage that it mentions; two would keep it reading for ever, and are taken away from it.
    private func certbot() async throws -> [String: String] {
        var said: [String: String] = [:]
        for name in ["key-is-fifo", "cert-is-device"] {
            said[name] = "hangs"
            try FileManager.default.removeItem(atPath: "\(tree.letsencrypt)/renewal/\(name).conf")
        }
        let directories = [
            "--work-dir", tree.scratch.file("work").string, "--logs-dir", tree.scratch.file("logs").string,
        ]
        let run = try await runTool(
            "timeout", ["120", "certbot", "certificates", "--config-dir", tree.letsencrypt.string] + directories)
        var name = ""
        for line in run.output.split(separator: "\n").map({ $0.drop { $0 == " " } }) {
            if line.hasPrefix("Certificate Name: ") {
                name = String(line.dropFirst(18))
            } else if line.hasPrefix("Expiry Date: "), let open = line.lastIndex(of: "(") {
                let words = line[line.index(after: open)...].dropLast()
                said[name] =
                    String(words.prefix { $0 != ":" }).lowercased() + (words.contains("EXPIRED") ? ": expired" : "")
            } else if line.hasSuffix(".conf"), let slash = line.lastIndex(of: "/") {
                said[String(line[line.index(after: slash)...].dropLast(5))] = "calls it invalid"
            }
        }
        return said
    }
}
