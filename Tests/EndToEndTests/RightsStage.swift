internal import FoundationEssentials
internal import Glibc
internal import SystemPackage
internal import TestSupport
internal import Testing

/// A user of this host, by numbers: no test makes accounts.
struct Somebody: Sendable {
    let user: UInt32
    let groups: [UInt32]
    var capabilities = ""

    /// The words that run a command as this user.
    var prefix: [String] {
        let members = groups.map(String.init).joined(separator: ",")
        let kept = capabilities.isEmpty ? [] : ["--inh-caps=+\(capabilities)", "--ambient-caps=+\(capabilities)"]
        return ["--reuid=\(user)", "--regid=\(groups.first ?? user)", "--groups=\(members)"] + kept
            + ["--bounding-set=-all\(capabilities.isEmpty ? "" : ",+\(capabilities)")", "--no-new-privs"]
            + ["env", Sanitizer.withoutLeaks]
    }

    static let certdID: UInt32 = 64_901
    static let stranger = Somebody(user: 64_902, groups: [64_902])
}

/// A host with the rights that the package sets up: HAProxy's socket is its group's, the daemon is a user of its own with
/// that group, certbot's keys are root's.
final class RightsStage: Sendable {
    let name = "pbx.example.org"
    let scratch: ScratchDirectory
    let certd: FilePath
    let bundle: FilePath
    let haproxyGroup: UInt32
    private let haproxy: RunningHAProxy
    private let address: String

    /// The daemon's user, as systemd would run it.
    var daemonUser: Somebody {
        Somebody(user: Somebody.certdID, groups: [haproxyGroup], capabilities: "dac_read_search")
    }
    var haproxyUser: Somebody { Somebody(user: 64_903, groups: [haproxyGroup]) }
    var letsencrypt: FilePath { scratch.file("letsencrypt") }
    var socket: FilePath { scratch.file("run/certd.sock") }

    /// The bundle is `certs/LINEAGE.pem` in the daemon's directory, or the guide's `ssl/combined.pem` in root's.
    init(inRootsDirectory isRoots: Bool = false) async throws {
        scratch = try ScratchDirectory()
        haproxyGroup = try #require(
            UInt32(
                try await requireTool("getent", ["group", "haproxy"]).split(separator: ":").dropFirst(2).first ?? ""))
        let built = FilePath(try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            .removingLastComponent().appending("certd")
        certd = scratch.file("certd")
        try FileManager.default.copyItem(atPath: built.string, toPath: certd.string)
        bundle = scratch.file(isRoots ? "ssl/combined.pem" : "certs/\(name).pem")
        address = RunningHAProxy.unusedAddress()
        let owner = "\(Somebody.certdID)"
        try await requireTool("chmod", ["0711", scratch.path.string])
        try await requireTool(
            "install", ["-d", "-o", owner, "-g", "\(haproxyGroup)", "-m", "0750", "\(scratch.path)/certs"])
        try await requireTool("install", ["-d", "-m", "0755", "\(scratch.path)/ssl"])
        try await requireTool(
            "install",
            ["-d", "-o", owner, "-g", "\(haproxyGroup)", "-m", "0755", "\(scratch.path)/state", "\(scratch.path)/run"])
        let throwAway = try await TestCertificate.make("throw-away", in: scratch)
        try FileManager.default.moveItem(atPath: throwAway.bundle.string, toPath: bundle.string)
        haproxy = try await .start(
            """
            global
                stats socket \(scratch.file("group.sock")) mode 660 group haproxy level admin
            listen tls
                bind \(address) ssl crt \(bundle)
                server none 127.0.0.1:9

            """, in: scratch)
        try await renew(1)
        try scratch.write(
            text(of: letsencrypt.appending("pki/root.pem")), to: "root.pem", mode: [.ownerReadWrite, .otherRead])
        try scratch.write(configuration, to: "certd.toml", mode: [.ownerReadWrite, .otherRead])
        for closed in ["archive", "live"] { try await requireTool("chmod", ["0700", "\(letsencrypt)/\(closed)"]) }
    }

    private var configuration: String {
        """
        [letsencrypt]
        directory = "\(letsencrypt)"
        [haproxy]
        sockets = ["\(scratch.file("group.sock"))"]
        configuration = "\(scratch.file("haproxy.cfg"))"
        probe = ["\(address)"]
        [[bundle]]
        lineage = "\(name)"
        path = "\(bundle)"
        [check]
        trust = "\(scratch.file("root.pem"))"
        [paths]
        state = "\(scratch.file("state"))"
        runtime = "\(scratch.file("run"))"
        """
    }

    /// certbot, as far as files go.
    func renew(_ generation: Int, _ options: [String] = []) async throws {
        try await MadeCertificates.lineage(
            name, below: letsencrypt, ["--generation", "\(generation)"] + options, now: nil)
    }

    /// Runs certd as root, or as somebody else.
    func certd(_ arguments: [String], as somebody: Somebody? = nil) async throws -> ToolRun {
        try await run([certd.string] + arguments + ["--config", scratch.file("certd.toml").string], as: somebody)
    }

    /// Runs any command as root, or as somebody else.
    func run(_ command: [String], as somebody: Somebody? = nil) async throws -> ToolRun {
        guard let somebody else { return try await runTool("env", command) }
        return try await runTool("setpriv", somebody.prefix + command)
    }

    /// The daemon, ended when the test lets go; it listens on its socket.
    func daemon() async throws -> HelperProcess {
        let command =
            ["setpriv"] + daemonUser.prefix + [certd.string, "run", "--config", scratch.file("certd.toml").string]
        // In the background, so that the shell hears when the test is over: its input ends.
        let helper = try await HelperProcess.start(
            "/bin/sh", ["-c", "\"$@\" 2>&1 & read over; kill $!; wait $!", "sh"] + command)
        while (try? await askHAProxy(at: socket, "GET / HTTP/1.1\r\nHost: certd\r\n\r")) == nil { await Task.yield() }
        return helper
    }

    /// Owner, group and mode.
    func rights(of file: FilePath) throws -> String {
        let stat = try Stat(file, followTargetSymlink: false)
        return
            "\(stat.userID.rawValue):\(stat.groupID.rawValue) \(String(stat.permissions.rawValue & 0o7777, radix: 8))"
    }

    /// Whether everything is in step and no failure is remembered.
    func isInStep() async throws -> Bool { try await certd(["check"]).status == 0 }
}
