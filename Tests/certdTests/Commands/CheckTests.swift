import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import certd

@Suite struct CheckTests {
    @Test(
        arguments: [
            ("healthy", 0, "ok", "-"), ("expired", 2, "critical", "expired"), ("expiring", 2, "critical", "expiring"),
            ("not-yet-valid", 2, "critical", "not-yet-valid"), ("chain-missing", 2, "critical", "chain-incomplete"),
            ("chain-wrong", 2, "critical", "chain-broken"), ("root-in-chain", 1, "warning", "root-in-chain"),
            ("key-mismatch", 2, "critical", "key-mismatch"), ("key-encrypted", 2, "critical", "key-encrypted"),
            ("staging", 2, "critical", "staging-issuer"), ("leaf-last", 2, "critical", "chain-order"),
            ("weak-key", 2, "critical", "weak-key"), ("weak-exponent", 1, "warning", "weak-key"),
            ("weak-signature", 2, "critical", "weak-signature"), ("wrong-eku", 2, "critical", "wrong-eku"),
            ("no-san", 2, "critical", "no-san"),
            ("odd-curve", 1, "warning", "odd-key-type"), ("leaf-is-ca", 1, "warning", "leaf-is-ca"),
            ("must-staple", 1, "warning", "must-staple"), ("validity-too-long", 1, "warning", "validity-too-long"),
        ] as [(String, Int32, String, String)])
    func `each fault has its verdict and its name`(
        made: String, status: Int32, state: String, problem: String
    ) async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", ["--case", made])])
        _ = try await program.run(["build", "--force"])
        let run = try await program.run(["check"])
        #expect(run.status == status)
        let row = try #require(run.output.split(separator: "\n").first { $0.hasPrefix("a.example.org ") })
        let cells = row.split(separator: " ")
        #expect(cells.dropFirst().first.map(String.init) == state)
        #expect(cells.last.map(String.init) == problem)
        #expect(problem == "-" || run.output.contains("\n  fix: "))
    }

    @Test(
        arguments: [(["-w", "100d"], 1), (["-w", "100d", "-c", "90d"], 2), (["-w", "1d", "-c", "0d"], 0)]
            as [([String], Int32)])
    func `thresholds are the caller's`(options: [String], status: Int32) async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", ["--not-after=+80d"])])
        _ = try await program.run(["build"])
        #expect(try await program.run(["check"] + options).status == status)
    }

    @Test func `only the groups that were asked for are told, and what hides them`() async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", ["--case", "root-in-chain"])])
        for (groups, status) in [("time", 0), ("time,key", 0), ("chain", 1), ("time,chain", 1), ("bundle", 3)]
            as [(String, Int32)]
        {
            #expect(try await program.run(["check", "--only", groups]).status == status, "\(groups)")
        }
        #expect(!(try await program.run(["check", "--only", "time"])).output.contains("root-in-chain"))
        let wrong = try await program.run(["check", "--only", "time,chian"])
        #expect(wrong.status == 3 && wrong.output.isEmpty)
        #expect(wrong.errors.contains("give some of time,chain,key,files,bundle,memory,wire"))
        try FileManager.default.removeItem(atPath: program.letsencrypt.appending("live/a.example.org/cert.pem").string)
        #expect(try await program.run(["check", "--only", "wire"]).status == 3)
    }

    @Test func `who asks for dates, order and keys has HAProxy asked nothing, and the key left alone`() async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", [])])
        let listener = try listen(on: program.scratch.file("haproxy.sock"))
        defer { try? listener.close() }
        let environment = ["CERTD_HAPROXY_SOCKETS=\(program.scratch.file("haproxy.sock"))"]
        try FileManager.default.removeItem(
            atPath: program.letsencrypt.appending("archive/a.example.org/privkey1.pem").string)
        for groups in ["time", "chain", "time,chain"] {
            let run = try await program.run(["check", "--only", groups], environment: environment)
            #expect(run.status == 0 && run.errors.isEmpty, "\(groups): \(run)")
        }
        #expect(try await program.run(["check", "--only", "key"], environment: ["CERTD_HAPROXY_SOCKETS="]).status == 3)
        _ = fcntl(listener.rawValue, F_SETFL, O_NONBLOCK)
        #expect(accept(listener.rawValue, nil, nil) == -1 && errno == EAGAIN, "somebody has connected")
    }

    @Test func `a damaged signature is found by whoever asks for the bundle, or for no memory`() async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", [])])
        for name in ["fullchain", "cert"] {
            let file = program.letsencrypt.appending("archive/a.example.org/\(name)1.pem").string
            // The last byte of the leaf's DER, which is the signature's.
            let damaging = """
                import base64, sys
                head, rest = open(sys.argv[1]).read().split("-----END", 1)
                begin, body = head.split("-----\\n", 1)
                der = bytearray(base64.b64decode(body)); der[-1] ^= 1
                open(sys.argv[1], "w").write(begin + "-----\\n" + base64.encodebytes(der).decode() + "-----END" + rest)
                """
            try await requireTool("python3", ["-c", damaging, file])
        }
        for (options, isFound) in [
            (["--only", "time,chain"], false), (["--only", "time,chain,key"], false),
            (["--only", "chain", "--no-cache"], true), (["--only", "chain,bundle"], true), ([], true),
        ] {
            let run = try await program.run(["check"] + options)
            #expect(run.output.contains("chain-broken") == isFound, "\(options): \(run)")
        }
    }

    @Test func `what to fail on, which hosts and whose anchors is the caller's`() async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", ["--case", "root-in-chain"])])
        _ = try await program.run(["build"])
        for (options, status) in [
            ([], 1), (["--fail-on", "warning"], 1), (["--fail-on", "critical"], 0), (["--fail-on", "never"], 0),
            (["-H", "pbx.example.org"], 1), (["-H", "pbx.example.org", "--host", "sip.example.org"], 2),
            (["-H", "sip.example.org", "--fail-on", "critical"], 2),
            (["-H", "sip.example.org", "--fail-on", "never"], 0),
            (["--trust", "\(program.letsencrypt)/pki/intermediate.pem"], 1),
            (["--trust", "\(program.letsencrypt)/live/a.example.org/cert.pem"], 2), (["--trust", "/none.pem"], 3),
        ] as [([String], Int32)] {
            #expect(try await program.run(["check"] + options).status == status, "\(options)")
        }
    }

    @Test func `the JSON says when certbot renews, and whether that is sure`() async throws {
        let program = try await BuiltProgram(lineages: [
            ("a.example.org", ["--not-after=2036-01-31T00:00:00Z"]),
            ("b.example.org", ["--not-after=2036-01-31T00:00:00Z", "--certbot-version", "5.6.0"]),
        ])
        let run = try await program.run(["check", "--json"])
        #expect(run.output.contains(#""renewal_due" : "2036-01-01T00:00:00Z""#))
        #expect(run.output.contains(#""renewal_due_is_estimate" : false"#))
        #expect(run.output.contains(#""renewal_due_is_estimate" : true"#))
    }

    @Test func `a CA of one's own may issue for longer`() async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", ["--case", "validity-too-long"])])
        _ = try await program.run(["build"])
        let root = program.letsencrypt.appending("pki/root.pem")
        #expect(try await program.run(["check"], environment: ["CERTD_CHECK_PRIVATE_ANCHORS=\(root)"]).status == 0)
        let wrong = try await program.run(["check"], environment: ["CERTD_CHECK_PRIVATE_ANCHORS=/none.pem"])
        #expect(wrong.status == 3 && wrong.errors.contains("private-anchors"))
    }

    @Test func `no lineage at all is unknown, and says where it looked`() async throws {
        let program = try await BuiltProgram()
        let run = try await program.run(["check"])
        #expect(run.status == 3)
        #expect(run.output.hasPrefix("unknown: configuration-invalid: no lineage is here"))
        #expect(run.output.contains(program.letsencrypt.appending("live").string))
    }

    @Test func `without certbot's directory there is still a document`() async throws {
        let program = try await BuiltProgram()
        try FileManager.default.removeItem(atPath: program.letsencrypt.string)
        let run = try await program.run(["check", "--json"])
        #expect(run.status == 3 && run.errors.isEmpty)
        #expect(run.output.contains(#""id" : "file-missing""#))
    }

    @Test func `who may not read the keys is told so, for each lineage`() async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", []), ("b.example.org", [])])
        try await requireTool("chmod", ["-R", "a+rX", program.scratch.path.string])
        for name in ["a", "b"] {
            let key = program.letsencrypt.appending("archive/\(name).example.org/privkey1.pem").string
            try await requireTool("chmod", ["0600", key])
        }
        // The program itself may lie where nobody may go.
        try await requireTool("install", ["-m", "0755", program.path.string, program.scratch.file("certd").string])
        let run = try await runTool(
            "setpriv",
            [
                "--reuid", "65534", "--regid", "65534", "--clear-groups", "env", "-i", Sanitizer.withoutLeaks,
                "CERTD_CONFIG=\(program.configuration)", program.scratch.file("certd").string, "check",
            ])
        #expect(run.status == 3 && run.errors.isEmpty, "\(run)")
        for name in ["a", "b"] {
            #expect(run.output.contains("unknown: \(name).example.org: file-unreadable: "))
        }
        #expect(run.output.contains("fix: run it as root"))
        #expect(!run.output.contains("bundle-missing"))
    }

    @Test func `an unreadable lineage hides no other and gets no derived findings`() async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", []), ("b.example.org", [])])
        try FileManager.default.removeItem(
            atPath: program.letsencrypt.appending("archive/a.example.org/chain1.pem").string)
        let run = try await program.run(["check"])
        #expect(run.output.contains("unknown: a.example.org: file-missing: /"))
        #expect(run.output.contains("unknown: b.example.org: bundle-missing: "))
        #expect(!run.output.contains("a.example.org: bundle-missing"))
    }

    @Test(arguments: [["LC_ALL=C"], ["LC_ALL=de_DE.UTF-8", "TZ=America/New_York"], ["TZ=Asia/Tokyo"]])
    func `the verdict does not depend on locale or time zone`(environment: [String]) async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", ["--not-after=2036-01-02T03:04:05Z"])])
        let run = try await program.run(["check"], environment: environment)
        #expect(run.output.contains("(2036-01-02 03:04Z)"))
    }
}
