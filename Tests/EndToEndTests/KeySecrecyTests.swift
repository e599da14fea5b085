internal import FoundationEssentials
internal import SystemPackage
internal import TestSupport
internal import Testing

/// Where the bytes of a private key go, as the kernel sees it: the new bundle and HAProxy's socket, and nowhere else.
@Suite(.enabled(if: TracedRun.isPossible, "strace is not installed"))
struct KeySecrecyTests {
    private let name = "pbx.example.org"

    /// A command, and what is in its way.
    struct Case: Sendable, CustomTestStringConvertible {
        let arguments: [String]
        var generation: [String] = []
        var environment: [String: String] = [:]
        var tracing: [String] = []
        var succeeds = true

        var testDescription: String { (arguments + generation + environment.keys + tracing).joined(separator: " ") }
    }

    static let cases = [
        Case(arguments: ["deploy", "pbx.example.org"]),
        Case(arguments: ["deploy", "pbx.example.org", "--dry-run"]),
        Case(arguments: ["build", "pbx.example.org"]),
        Case(arguments: ["hook"], environment: ["RENEWED_LINEAGE": "live/pbx.example.org"]),
        Case(arguments: ["check"], succeeds: false),
        Case(arguments: ["check", "--json"], succeeds: false),
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

        let run = try await TracedRun(example.arguments, on: stage, environment: environment, tracing: example.tracing)

        #expect(run.succeeded == example.succeeds, "\(run.said)")
        try await expectKeysKept(by: run, on: stage)
        if example.succeeds, !example.arguments.contains("--dry-run") { #expect(!run.births.isEmpty) }
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

/// One run of certd under strace, started where new files are open to everybody unless a mode says otherwise.
private struct TracedRun {
    static let isPossible = ["/usr/bin/strace", "/bin/strace"].contains { FileManager.default.fileExists(atPath: $0) }

    let succeeded: Bool
    /// Standard output and standard error.
    let said: String
    private let stage: Stage
    private let text: String

    init(
        _ arguments: [String], on stage: Stage, environment: [String: String], tracing: [String]
    ) async throws {
        let overrides = environment.map { "\($0)=\($1)" }
        let run = try await runTool("env", overrides + TracedRun.command(arguments, on: stage, tracing: tracing))
        try self.init(on: stage, succeeded: run.succeeded, said: run.output + run.errors)
    }

    /// The daemon, from its start to the end that it is told to make after a deployment.
    init(ofDaemonThatDeploys lineage: String, on stage: Stage) async throws {
        // In the background strace leaves the daemon the process that is started, which takes the signal.
        let daemon = try await RunningProgram.start(TracedRun.command(["run"], on: stage, tracing: ["-D"]))
        try await daemon.log.wait(for: "notice: deployed lineage=\(lineage)")
        let succeeded = try await daemon.stop() == 0
        try self.init(on: stage, succeeded: succeeded, said: daemon.log.messages.joined(separator: "\n"))
    }

    private init(on stage: Stage, succeeded: Bool, said: String) throws {
        (self.stage, self.succeeded, self.said) = (stage, succeeded, said)
        let trace = stage.scratch.file("trace")
        text = try String(contentsOfFile: trace.string, encoding: .utf8)
        try FileManager.default.removeItem(atPath: trace.string)
        try stage.scratch.write(text, to: "trace.log")
    }

    private static func command(_ arguments: [String], on stage: Stage, tracing: [String]) -> [String] {
        let strace =
            straceCommand + [
                "-f", "-qq", "-yy", "-v", "-s", "65535", "-e", "trace=%file,%desc,%net,%process", "-o",
                stage.scratch.file("trace").string,
            ]
        return ["sh", "-c", #"umask 0; exec "$@""#, "sh"] + strace + tracing
            + [stage.certd.string] + arguments + ["--config", stage.scratch.file("certd.toml").string]
    }

    /// The calls that carry a part of the key.
    func lines(with key: KeyFragments) async throws -> [String] {
        let found = try await runTool(
            "grep", ["-F", "-f", "-", stage.scratch.file("trace.log").string], input: key.all.joined(separator: "\n"))
        return found.output.split(separator: "\n").map(String.init)
    }

    /// Whether a call may carry a key: reading, writing the file that becomes the bundle, telling HAProxy.
    func mayHoldKey(_ line: String) -> Bool {
        let call = line.drop { $0.isNumber || $0 == " " }
        // What a call reads stands in a line of its own where another thread's call came in between.
        let reading = ["read", "pread64", "recvfrom"].flatMap { ["\($0)(", "<... \($0) resumed>"] }
        if reading.contains(where: { call.hasPrefix($0) }) { return true }
        if call.hasPrefix("write(") { return call.prefix { $0 != "\"" }.contains(".certd-new-") }
        return call.hasPrefix("sendto(") && call.prefix { $0 != "\"" }.contains("<UNIX-STREAM:")
            && call.contains("\"set ssl cert ")
    }

    /// How files were opened that were to be made, up to the mode. On a busy machine strace splits a call in two.
    var births: [String] {
        calls.filter { $0.contains("O_CREAT") && !isOnKeyless($0) }
            .map { call in String(call.prefix { $0 != ")" }).replacing(" <unfinished ...>", with: "") }
    }

    /// Every change of a mode. Of a call in two lines the first tells which file.
    var laterModes: [String] {
        calls.filter { $0.contains("chmod") && !$0.contains("resumed>") && !isOnKeyless($0) }.map(String.init)
    }

    /// Whether a call is about the lock, which holds nothing, or about the runtime directory: another lock and a socket.
    private func isOnKeyless(_ call: Substring) -> Bool {
        ["/state/lock", " \"lock\"", stage.scratch.file("run").string].contains { call.contains($0) }
    }

    private var calls: [Substring] { text.split(separator: "\n") }
}

extension Stage {
    /// The files below the scratch directory that hold a part of the key, but for the lineage and the trace.
    fileprivate func files(with key: KeyFragments) async throws -> [String] {
        let arguments = ["-r", "-l", "-a", "-F", "-f", "-", "--exclude-dir=letsencrypt", "--exclude=trace.log"]
        let found = try await runTool("grep", arguments + [scratch.path.string], input: key.all.joined(separator: "\n"))
        return found.output.split(separator: "\n").map(String.init)
    }
}
