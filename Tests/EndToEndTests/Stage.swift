internal import FoundationEssentials
internal import SystemPackage
internal import TestSupport

/// A real HAProxy that serves bundles, a configuration for certd that knows them, and the certd that was just built; all
/// on one loopback address and in one scratch directory.
///
/// HAProxy starts with a throw-away certificate for each lineage: it does not start without the files it names.
final class Stage: Sendable {
    /// Where everything is.
    let scratch: ScratchDirectory
    /// A loopback address of the stage's own: HTTPS at port 8443, TCP in TLS at port 8444.
    let address: String
    /// The directories that certbot keeps.
    let letsencrypt: FilePath
    /// The one directory of bundles, `LINEAGE.pem` in it.
    let bundles: FilePath
    /// Master and worker; the worker is the process that serves.
    let haproxy: RunningHAProxy
    /// A second socket of the same HAProxy, of a level that may look at certificates but not change them.
    let operatorSocket: FilePath
    /// The certd that was built with the tests, in the directory that holds them too.
    let certd: FilePath

    init(lineages: [String]) async throws {
        certd = FilePath(try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            .removingLastComponent().appending("certd")
        scratch = try ScratchDirectory()
        address = String(RunningHAProxy.unusedAddress().prefix { $0 != ":" })
        letsencrypt = scratch.file("letsencrypt")
        bundles = scratch.file("certs")
        try FileManager.default.createDirectory(atPath: bundles.string, withIntermediateDirectories: false)
        var served: [String] = []
        for lineage in lineages {
            let throwAway = try await TestCertificate.make("throw-away", in: scratch)
            let bundle = bundles.appending("\(lineage).pem")
            try FileManager.default.moveItem(atPath: throwAway.bundle.string, toPath: bundle.string)
            served.append("crt \(bundle)")
        }
        operatorSocket = scratch.file("operator.sock")
        // A line of HAProxy's configuration has no more than 64 words.
        let certificates = served.count > 20 ? "crt \(bundles)" : served.joined(separator: " ")
        haproxy = try await .start(
            """
                timeout tunnel 1h
            global
                stats socket \(operatorSocket) mode 600 level operator
            listen https
                bind \(address):8443 ssl \(certificates)
                server web \(address):8080
            listen lines
                mode tcp
                bind \(address):8444 ssl \(certificates)
                server lines \(address):8081

            """,
            in: scratch, arguments: ["-W"])
        try scratch.write(configuration, to: "certd.toml")
    }

    /// Where certd puts a lineage's bundle.
    func bundle(of lineage: String) -> FilePath { bundles.appending("\(lineage).pem") }

    /// Runs certd with the stage's configuration; `environment` overrides parts of it.
    func certd(_ arguments: [String], environment: [String: String] = [:]) async throws -> ToolRun {
        let overrides = environment.map { "\($0)=\($1)" }
        return try await runTool("env", overrides + [certd.string] + arguments + configured)
    }

    /// The command that deploys a lineage, for tools that run it.
    func deployment(of lineage: String) -> [String] { [certd.string, "deploy", lineage] + configured }

    /// The command by which certbot hands a renewed lineage over.
    func hook(for lineage: String) -> [String] {
        [
            "CERTD_BINARY=\(certd)", "CERTD_CONFIG=\(scratch.file("certd.toml"))",
            "RENEWED_LINEAGE=\(letsencrypt.appending("live/\(lineage)"))",
            packageDirectory.appending("hooks/certbot-deploy").string,
        ]
    }

    private var configured: [String] { ["--config", scratch.file("certd.toml").string] }

    /// A certbot with a server of its own that issues to it, and whose hooks find certd.
    func certbot() async throws -> Certbot {
        var certbot = Certbot(server: try await ACMEServer(on: address, in: scratch), in: scratch)
        certbot.environment = [
            "CERTD_BINARY": certd.string, "CERTD_CONFIG": scratch.file("certd.toml").string,
        ]
        return certbot
    }

    /// Installs a hook of the package, such as `certbot-deploy`, in certbot's directory `kind`, and gives its path there.
    @discardableResult
    func install(hook: String, as kind: String) throws -> FilePath {
        let directory = letsencrypt.appending("renewal-hooks").appending(kind)
        try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
        let installed = directory.appending(hook)
        try FileManager.default.copyItem(
            atPath: packageDirectory.appending("hooks").appending(hook).string, toPath: installed.string)
        return installed
    }

    /// Makes one generation of a lineage without certbot; the options are those of the certificate script.
    func make(_ lineage: String, _ options: [String] = []) async throws {
        try await MadeCertificates.lineage(lineage, below: letsencrypt, options, now: nil)
        let root = try String(contentsOfFile: letsencrypt.appending("pki/root.pem").string, encoding: .utf8)
        // Always the same, and certd may be reading it.
        if (try? scratch.read("root.pem")) != root { try scratch.write(root, to: "root.pem") }
    }

    /// Moves one link of a lineage to a generation, as certbot does.
    func link(_ kind: String, of lineage: String, to generation: Int) throws {
        let link = letsencrypt.appending("live/\(lineage)/\(kind).pem").string
        try FileManager.default.removeItem(atPath: link)
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: "../../archive/\(lineage)/\(kind)\(generation).pem")
    }

    /// What HAProxy answers to a command, asked without certd's own client.
    func ask(haproxy command: String) async throws -> String {
        try await askHAProxy(at: haproxy.socket, command)
    }

    private var configuration: String {
        """
        [letsencrypt]
        directory = "\(letsencrypt)"
        [haproxy]
        sockets = ["\(haproxy.socket)"]
        configuration = "\(scratch.file("haproxy.cfg"))"
        probe = ["\(address):8443", "\(address):8444"]
        [bundles]
        directory = "\(bundles)"
        [check]
        trust = "\(scratch.file("root.pem"))"
        [paths]
        state = "\(scratch.file("state"))"
        runtime = "\(scratch.file("run"))"
        """
    }
}
