import SystemPackage

/// What a hook of certbot's does, as far as that can be read in it.
struct HookDeeds: Equatable, Sendable {
    /// The files with a private key that it writes; ``ShellWord/Part/variable(_:)`` in them is of certbot's environment.
    var written: [ShellWord] = []
    /// Whether it has HAProxy reload, start again or take a certificate.
    var tellsHAProxy = false
    /// Whether it runs certd.
    var runsCertd = false
    /// What else it does, or what of it cannot be read.
    var others: [String] = []
    /// Whether something in it cannot be read that speaks of HAProxy.
    var isUnread = false

    /// The files that it writes for `lineage`, those whose names only a shell could tell left out.
    func paths(for lineage: String, in live: FilePath) -> [FilePath] {
        let directory = ShellWord([.text(live.appending(lineage).string)])
        return written.compactMap { $0.expanded(["RENEWED_LINEAGE": directory]).text }.map { FilePath($0) }
            .filter(\.isAbsolute)
    }
}

/// Reads what the commands of a hook do, one after the other.
struct HookReading {
    private(set) var deeds = HookDeeds()
    private let read: (FilePath) -> String?
    private var values: [String: ShellWord] = [:]
    /// Whether the commands of the pipe so far have named a private key.
    private var pipeHoldsKey = false
    private var depth = 0

    /// A script that scripts call which call scripts: nobody's hook goes deeper.
    private static let deepest = 3

    /// Reads `script`, and the scripts that it runs by `read`, which gives a file's text.
    static func deeds(of script: String, reading read: @escaping (FilePath) -> String?) -> HookDeeds {
        var reading = HookReading(read: read)
        reading.take(script: script)
        return reading.deeds
    }

    private init(read: @escaping (FilePath) -> String?) { self.read = read }

    private mutating func take(script: String) {
        guard depth < HookReading.deepest, let commands = ShellCommand.all(in: script) else {
            deeds.others.append(String(script.prefix { !$0.isNewline }))
            if script.contains("haproxy") { deeds.isUnread = true }
            return
        }
        depth += 1
        for command in commands { take(command) }
        depth -= 1
    }

    private mutating func take(_ command: ShellCommand) {
        let words = command.words.map { $0.expanded(values) }
        let outputs = command.outputs.map { $0.expanded(values) }
        if !command.isFed { pipeHoldsKey = false }
        if words.isEmpty {
            for (name, value) in command.assignments { values[name] = value.expanded(values) }
        }
        if words.contains(where: \.namesKey) { pipeHoldsKey = true }
        if pipeHoldsKey { deeds.written += outputs }
        if !words.isEmpty { run(words[...], writing: !outputs.isEmpty) }
    }

    /// `isWriting`: its output goes to a file.
    private mutating func run(_ words: ArraySlice<ShellWord>, writing isWriting: Bool) {
        let line = words.map(\.written).joined(separator: " ")
        let operands = ArraySlice(words.dropFirst().filter { !$0.written.hasPrefix("-") })
        guard let program = words.first?.text, let name = program.split(separator: "/").last.map(String.init) else {
            if line.contains("certd") { deeds.runsCertd = true } else { deeds.others.append(line) }
            return
        }
        switch name {
        case "sudo", "exec", "command", "nohup", "nice", "env":
            run(words.dropFirst().drop { $0.written.hasPrefix("-") || $0.written.contains("=") }, writing: isWriting)
        case "timeout":
            run(operands.dropFirst(), writing: isWriting)
        case "certd": deeds.runsCertd = true
        case "sh", "bash", "dash", ".", "source": runShell(words)
        case "cat", "awk", "sed", "tr", "grep": if !pipeHoldsKey, isWriting { deeds.others.append(line) }
        case "tee": take(copy: Array(operands), ofKey: pipeHoldsKey, line)
        case "cp", "mv", "install":
            take(copyTo: operands, line)
            if name == "mv" { deeds.written.removeAll { operands.dropLast().contains($0) } }
        case "rm":
            if !operands.allSatisfy({ deeds.written.contains($0) || $0.isTemporary }) { deeds.others.append(line) }
            deeds.written.removeAll { operands.contains($0) }
        case "systemctl", "service", "invoke-rc.d", "rc-service": takeService(operands, line)
        case "haproxy": takeService(words, line)
        case "kill", "pkill", "killall", "socat", "nc", "docker", "podman":
            if line.contains("haproxy") || line.contains("ssl cert") {
                deeds.tellsHAProxy = true
            } else {
                deeds.others.append(line)
            }
        case "echo", "printf":
            if line.contains("ssl cert") { deeds.tellsHAProxy = true }
        case _ where HookReading.harmless.contains(name): break
        default: runScript(program, line)
        }
    }

    /// `sh -c TEXT`, `sh FILE`.
    private mutating func runShell(_ words: ArraySlice<ShellWord>) {
        let rest = words.dropFirst()
        if let option = rest.firstIndex(where: { $0.text == "-c" }), option + 1 < rest.endIndex {
            take(script: rest[option + 1].written)
        } else if let file = rest.first(where: { !$0.written.hasPrefix("-") })?.text {
            runScript(file, words.map(\.written).joined(separator: " "))
        }
    }

    private mutating func runScript(_ program: String, _ line: String) {
        guard program.hasPrefix("/"), let script = read(FilePath(program)) else {
            deeds.others.append(line)
            return
        }
        take(script: script)
    }

    private mutating func take(copyTo operands: ArraySlice<ShellWord>, _ line: String) {
        let isKeys = pipeHoldsKey || operands.dropLast().contains { deeds.written.contains($0) }
        take(copy: Array(operands.suffix(1)), ofKey: isKeys, line)
    }

    private mutating func take(copy targets: [ShellWord], ofKey isKeys: Bool, _ line: String) {
        if isKeys { deeds.written += targets } else { deeds.others.append(line) }
    }

    /// `systemctl reload haproxy`, `service haproxy restart`, `/etc/init.d/haproxy reload`, `haproxy -sf PID`.
    private mutating func takeService(_ words: some Sequence<ShellWord>, _ line: String) {
        let words = words.map(\.written)
        let others = words.filter { !$0.isHAProxy && !HookReading.verbs.contains($0) }
        if words.contains(where: \.isHAProxy), words.contains(where: HookReading.verbs.contains) {
            deeds.tellsHAProxy = true
            if !others.isEmpty, !words.contains("-sf"), !words.contains("-st") { deeds.others.append(line) }
        } else if !words.contains(where: HookReading.questions.contains) {
            deeds.others.append(line)
        }
    }

    private static let verbs: Set = [
        "reload", "restart", "force-reload", "try-restart", "reload-or-restart", "try-reload-or-restart", "condrestart",
        "-sf", "-st",
    ]
    private static let questions: Set = ["is-active", "status", "configtest", "-c"]

    /// What a hook does beside its work.
    private static let harmless: Set = [
        "[", "[[", "test", ":", "true", "false", "chmod", "chown", "chgrp", "umask", "set", "shopt", "export",
        "readonly",
        "local", "unset", "exit", "return", "trap", "shift", "break", "continue", "mkdir", "mktemp", "cd", "sleep",
        "date",
        "basename", "dirname", "logger", "sync", "restorecon", "wait", "id", "whoami", "hostname", "openssl",
    ]
}

extension ShellWord {
    /// Whether it is the path of a private key as certbot names it.
    fileprivate var namesKey: Bool { written.contains("privkey") }

    fileprivate var isTemporary: Bool {
        written.hasPrefix("/tmp/") || parts.contains { if case .unknown = $0 { true } else { false } }
    }
}

extension String {
    /// Whether it names HAProxy: its service, its program, its start script.
    fileprivate var isHAProxy: Bool { ["haproxy", "haproxy.service"].contains(split(separator: "/").last ?? "") }
}
