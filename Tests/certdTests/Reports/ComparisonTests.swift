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
        if ProcessInfo.processInfo.environment["TEST_WRITE_PAGES"] != nil {
            try text.write(toFile: Self.page, atomically: true, encoding: .utf8)
        }
        let committed = try String(contentsOfFile: Self.page, encoding: .utf8)
        for (name, verdict) in LineageTable.verdicts {
            #expect(committed.contains("| \(name) | \(verdict) |"), "\(name)")
        }
        // Other versions may say other things.
        guard committed.contains(try await tools.versions()) else { return }
        #expect(steady(committed) == steady(text), "run scripts/make-comparison-page")
    }

    /// The page without what comes out otherwise in one run of sixty: OpenSSL 3.0 passes over a glued line, and verifies, at
    /// some lengths of the certificates around it.
    private func steady(_ page: String) -> [Substring] {
        page.split(separator: "\n").filter { !$0.hasPrefix("| glued |") }
    }
}

/// The tools that people ask today, on one tree.
private struct OtherTools {
    let tree: LineageTree

    init(on tree: LineageTree) { self.tree = tree }

    func page(of verdicts: [String: String]) async throws -> String {
        let names = verdicts.keys.sorted()
        async let openssl = column(of: names, openssl)
        async let haproxy = column(of: names, haproxy)
        async let alone = column(of: ["cert-is-device", "hostile-text", "key-is-fifo"], certbotAlone)
        let (verified, loaded, endless) = try await (openssl, haproxy, alone)
        // certbot comes last: it repairs some of what it finds.
        let listed = try await certbot(without: endless.keys.sorted()).merging(endless) { $1 }
        let rows = names.map { name in
            let cells = [name, verdicts[name], verified[name], loaded[name], listed[name] ?? "nothing"]
            return "| \(cells.map { $0 ?? "" }.joined(separator: " | ")) |"
        }
        return """
            # What others say of the same lineages

            Made by `scripts/make-comparison-page`: a tree of lineages, each broken in one or several ways or healthy in an unusual
            one, and what these commands say of it (\(try await versions())):

            - `certd check`, without HAProxy;
            - `openssl verify -CAfile ROOT -untrusted fullchain.pem cert.pem`;
            - `haproxy -c` with fullchain.pem and privkey.pem in one file on its bind line;
            - `certbot certificates`.

            Each command has 30 s and 2 GB of memory.

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

    /// What `ask` answers for each name, a few at a time: some only wait for their time to be over.
    private func column(
        of names: [String], _ ask: @escaping @Sendable (String) async throws -> String
    ) async throws -> [String: String] {
        try await withThrowingTaskGroup(of: (String, String).self) { group in
            var answers: [String: String] = [:]
            for (count, name) in names.enumerated() {
                if count >= 3, let (name, answer) = try await group.next() { answers[name] = answer }
                group.addTask { (name, try await ask(name)) }
            }
            for try await (name, answer) in group { answers[name] = answer }
            return answers
        }
    }

    /// Which of the two comes first depends on how busy the host is.
    private static let endless = "not ended after 30 s or 2 GB"

    /// Runs a command that may never end, or take all memory that there is.
    private func run(_ command: String...) async throws -> ToolRun {
        try await runTool("prlimit", ["--as=2000000000", "timeout", "30"] + command)
    }

    private func verdict(of run: ToolRun) -> String {
        run.status == 124 ? Self.endless : run.succeeded ? "accepts" : "refuses"
    }

    private func openssl(_ name: String) async throws -> String {
        guard FileManager.default.fileExists(atPath: file(name, "cert").string),
            FileManager.default.fileExists(atPath: file(name, "fullchain").string)
        else { return "cannot read it" }
        return verdict(
            of: try await run(
                "openssl", "verify", "-CAfile", tree.root.string, "-untrusted", file(name, "fullchain").string,
                file(name, "cert").string))
    }

    private func haproxy(_ name: String) async throws -> String {
        // Whoever makes the one file cannot read a directory, and would wait for a named pipe.
        let parts = ["fullchain", "privkey"].map { file(name, $0) }
        guard parts.allSatisfy({ (try? readFile(at: $0, limit: 4 << 20)) != nil }) else { return "cannot read it" }
        let bundle = tree.scratch.file("\(name).combined.pem")
        try await requireTool("sh", ["-c", "cat \"$1\" \"$2\" >\"$3\"", "sh"] + (parts + [bundle]).map(\.string))
        let configuration = try tree.scratch.write(
            "defaults\n  timeout client 1s\n  timeout server 1s\n  timeout connect 1s\nlisten tls\n"
                + "  bind 127.0.0.1:8443 ssl crt \(bundle)\n  server none 127.0.0.1:9\n",
            to: "\(name).cfg")
        return verdict(of: try await run("haproxy", "-c", "-f", configuration.string))
    }

    /// What it says of a lineage that it may not come to an end with, asked about alone: in a directory of its own, since
    /// it locks them.
    private func certbotAlone(_ name: String) async throws -> String {
        let directory = tree.scratch.file("alone-\(name)")
        let copying = """
            set -e; cd "$1"; mkdir -p "$2/renewal"; cp -a --parents "live/$3" "archive/$3" "$2"
            sed "s|$1|$2|" "renewal/$3.conf" >"$2/renewal/$3.conf"
            """
        try await requireTool("sh", ["-c", copying, "sh", tree.letsencrypt.string, directory.string, name])
        let logs = directory.appending("logs")
        let run = try await run(
            "certbot", "certificates", "--config-dir", directory.string, "--work-dir",
            directory.appending("work").string, "--logs-dir", logs.string)
        let log = try String(contentsOfFile: logs.appending("letsencrypt.log").string, encoding: .utf8)
        if log.contains("MemoryError") { return Self.endless }
        // Asked about all of them it fails as a whole, too, and tells of none.
        return run.status == 1 ? "fails on all" : verdict(of: run)
    }

    /// What it says of each lineage that it mentions, beside those that were asked about alone.
    private func certbot(without endless: [String]) async throws -> [String: String] {
        var said: [String: String] = [:]
        for name in endless {
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
