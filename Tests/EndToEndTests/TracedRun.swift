internal import FoundationEssentials
internal import SystemPackage
internal import TestSupport

/// One run of certd under strace, started where new files are open to everybody unless a mode says otherwise.
struct TracedRun {
    static let isPossible = ["/usr/bin/strace", "/bin/strace"].contains { FileManager.default.fileExists(atPath: $0) }

    let succeeded: Bool
    /// Standard output and standard error.
    let said: String
    private let stage: Stage
    private let text: String

    init(
        _ arguments: [String], on stage: Stage, environment: [String: String], tracing: [String], input: String
    ) async throws {
        let overrides = environment.map { "\($0)=\($1)" }
        let run = try await runTool(
            "env", overrides + TracedRun.command(arguments, on: stage, tracing: tracing), input: input)
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
        calls.filter { $0.name.hasSuffix("chmod") || $0.name.hasPrefix("fchmod") }
            .filter { !isOnKeyless($0) }.map(String.init)
    }

    /// Whether a call is about the lock, which holds nothing, or about the runtime directory: another lock and a socket.
    private func isOnKeyless(_ call: Substring) -> Bool {
        ["/state/lock", " \"lock\"", stage.scratch.file("run").string].contains { call.contains($0) }
    }

    /// certd's own calls, without those of other programs that it has run.
    private var calls: [Substring] {
        var others: Set<Substring> = []
        return text.split(separator: "\n").filter { line in
            let process = line.process
            if others.contains(process) {
                // What it starts is another one's too.
                if let child = line.child { others.insert(child) }
                return false
            }
            let isAnother = line.name.hasPrefix("execve") && !line.contains("\"\(stage.certd)\"")
            if isAnother, line.hasSuffix(" = 0") || line.hasSuffix("<unfinished ...>") { others.insert(process) }
            return true
        }
    }
}

/// A line of strace's: the process, the call, and what it gave.
extension Substring {
    fileprivate var process: Substring { prefix { $0 != " " } }

    fileprivate var name: Substring { drop { $0.isNumber || $0 == " " }.prefix { $0 != "(" } }

    /// The process or thread that a call has made.
    fileprivate var child: Substring? {
        guard contains("clone") || contains("fork"), let result = ranges(of: " = ").last else { return nil }
        let number = self[result.upperBound...]
        return number.allSatisfy(\.isNumber) ? number : nil
    }
}
