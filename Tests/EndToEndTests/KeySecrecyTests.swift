internal import FoundationEssentials
internal import SystemPackage
internal import TestSupport
internal import Testing

/// Where the bytes of a private key go, as the kernel sees it: the new bundle and HAProxy's socket, and nowhere else.
@Suite(.enabled(if: TracedRun.isPossible, "strace is not installed"))
struct KeySecrecyTests {
    private let name = "pbx.example.org"

    /// A command, and what is in its way; `BUNDLE` among the arguments is the bundle's path, ADDRESS where HAProxy listens.
    struct Case: Sendable, CustomTestStringConvertible {
        let arguments: [String]
        var generation: [String] = []
        var environment: [String: String] = [:]
        var tracing: [String] = []
        /// Nil where that depends on the host.
        var succeeds: Bool? = true
        /// Whether the bundle, key and all, comes on its standard input.
        var hearsBundle = false
        /// Whether it is there to write.
        var writes: Bool {
            succeeds == true && ["deploy", "build", "hook", "rollback"].contains(arguments[0]) && !isDry
        }
        private var isDry: Bool { arguments.contains("--dry-run") }

        var testDescription: String { (arguments + generation + environment.keys + tracing).joined(separator: " ") }
    }

    static let cases = [
        Case(arguments: ["deploy", "pbx.example.org"]),
        Case(arguments: ["deploy", "pbx.example.org", "--dry-run"]),
        Case(arguments: ["build", "pbx.example.org"]),
        Case(arguments: ["hook"], environment: ["RENEWED_LINEAGE": "live/pbx.example.org"]),
        Case(arguments: ["check"], succeeds: false),
        Case(arguments: ["check", "--json"], succeeds: false),
        Case(arguments: ["check", "-o", "wide", "--no-cache"], succeeds: false),
        Case(arguments: ["check", "-o", "nagios", "-vvv"], succeeds: false),
        Case(arguments: ["check", "-o", "prometheus"], succeeds: false),
        Case(arguments: ["check", "BUNDLE"], succeeds: nil),
        Case(arguments: ["check", "-"], succeeds: nil, hearsBundle: true),
        Case(arguments: ["check", "ADDRESS"], succeeds: nil),
        Case(arguments: ["inspect", "pbx.example.org", "--pem"]),
        Case(arguments: ["inspect", "BUNDLE", "--pem"]),
        Case(arguments: ["inspect", "-", "--pem"], hearsBundle: true),
        Case(arguments: ["status"]),
        Case(arguments: ["history", "--json"]),
        Case(arguments: ["rollback", "pbx.example.org", "--to", "1"]),
        Case(arguments: ["forget", "pbx.example.org"], succeeds: false),
        Case(arguments: ["notify"], succeeds: nil),
        Case(arguments: ["doctor", "--json"], succeeds: nil),
        Case(arguments: ["init", "--dry-run"], succeeds: nil),
        // HAProxy does not load a key that short, libcrypto does.
        Case(arguments: ["deploy", "pbx.example.org"], generation: ["--case", "weak-key"], succeeds: false),
        Case(arguments: ["deploy", "pbx.example.org"], generation: ["--case", "key-mismatch-kind"], succeeds: false),
        Case(arguments: ["deploy", "pbx.example.org"], generation: ["--case", "key-two"], succeeds: false),
        Case(arguments: ["deploy", "pbx.example.org"], generation: ["--names", "sip.example.org"], succeeds: false),
        Case(
            arguments: ["deploy", "pbx.example.org"], tracing: ["-e", "inject=fsync:error=EIO:when=1"], succeeds: false),
        Case(
            arguments: ["build", "pbx.example.org"], tracing: ["-e", "inject=/^rename:error=ENOSPC"], succeeds: false),
        Case(arguments: ["deploy", "pbx.example.org"], tracing: ["-e", "inject=recvfrom:error=EIO"], succeeds: false),
    ]

    @Test(arguments: cases)
    func `a private key leaves certd for its bundle and for HAProxy alone`(example: Case) async throws {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name, ["--key", "rsa"])
        try await stage.deploys(name)
        try await stage.make(name, ["--generation", "2", "--key", "rsa"] + example.generation)
        var environment = example.environment
        if let hint = environment["RENEWED_LINEAGE"] {
            environment["RENEWED_LINEAGE"] = stage.letsencrypt.appending(hint).string
        }

        let bundle = stage.bundle(of: name)
        let arguments = example.arguments.map { word in
            switch word {
            case "BUNDLE": bundle.string
            case "ADDRESS": "\(stage.address):8443"
            default: word
            }
        }

        let run = try await TracedRun(
            arguments, on: stage, environment: environment, tracing: example.tracing,
            input: example.hearsBundle ? text(of: bundle) : "")

        if let succeeds = example.succeeds { #expect(run.succeeded == succeeds, "\(run.said)") }
        #expect(!run.said.contains("unknown option"), "\(run.said)")
        try await expectKeysKept(by: run, on: stage)
        if example.writes { #expect(!run.births.isEmpty) }
    }

    @Test func `a private key leaves the daemon for its bundle and for HAProxy alone`() async throws {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name, ["--key", "rsa"])
        try await stage.deploys(name)
        try await stage.make(name, ["--generation", "2", "--key", "rsa"])

        let run = try await TracedRun(ofDaemonThatDeploys: name, on: stage)

        #expect(run.succeeded, "\(run.said)")
        try await expectKeysKept(by: run, on: stage)
        #expect(!run.births.isEmpty)
        let new = try KeyFragments(in: stage.letsencrypt.appending("archive/\(name)/privkey2.pem"))
        #expect(try await run.lines(with: new).contains { $0.contains("set ssl cert ") }, "the deployment was not seen")
    }

    /// Neither generation's key was told or written but where it belongs, and no file was ever open to others.
    private func expectKeysKept(by run: TracedRun, on stage: Stage) async throws {
        let keys = try (1...2).map {
            try KeyFragments(in: stage.letsencrypt.appending("archive/\(name)/privkey\($0).pem"))
        }
        for key in keys {
            #expect(!key.stands(in: run.said), "the key was told")
            for line in try await run.lines(with: key) {
                #expect(run.mayHoldKey(line), "the key went out by \(line.prefix(40))")
            }
            // Standing still, it is nowhere but in the lineage and the bundle, which is private.
            for file in try await stage.files(with: key) {
                #expect(file == stage.bundle(of: name).string, "the key lies in a file of its own: \(file)")
            }
        }
        #expect(try stage.attributes(of: name).mode == 0o600)
        #expect(run.births.allSatisfy { $0.hasSuffix(", 0600") }, "a file was made with another mode: \(run.births)")
        #expect(run.laterModes.isEmpty, "a mode was changed after the file was made: \(run.laterModes)")
    }
}

/// The parts of a key file that only this key has, cut so that each run of 24 characters holds one.
struct KeyFragments {
    let all: [String]
    /// The same of the bytes that the text stands for, in each run of 32, and as libcrypto keeps numbers, backwards.
    let bytes: [[UInt8]]

    init(in file: FilePath) throws {
        let text = try String(contentsOfFile: file.string, encoding: .utf8)
        // Of two keys the first: one is enough.
        let lines = text.split(separator: "\n").dropFirst().prefix { !$0.hasPrefix("-----") }
        // The first lines hold the algorithm and, of an RSA key, the public half, which is no secret.
        let secret = lines.dropFirst(lines.count > 8 ? 8 : 1)
        all = secret.flatMap { line in
            stride(from: 0, through: line.utf8.count - 12, by: 12).map { String(line.dropFirst($0).prefix(12)) }
        }
        let der = Array(Data(base64Encoded: secret.joined()) ?? Data())
        let windows = stride(from: 0, through: der.count - 16, by: 16).map { Array(der[$0..<($0 + 16)]) }
        bytes = windows + windows.map { $0.reversed() }
    }

    func stands(in text: String) -> Bool { all.contains { text.contains($0) } }
}

extension Stage {
    /// The files below the scratch directory that hold a part of the key, but for the lineage and the trace.
    fileprivate func files(with key: KeyFragments) async throws -> [String] {
        let arguments = ["-r", "-l", "-a", "-F", "-f", "-", "--exclude-dir=letsencrypt", "--exclude=trace.log"]
        let found = try await runTool("grep", arguments + [scratch.path.string], input: key.all.joined(separator: "\n"))
        return found.output.split(separator: "\n").map(String.init)
    }
}
