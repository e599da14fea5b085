import CertKit
import FoundationEssentials
import Glibc
import HAProxyKit
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// A real HAProxy that serves generation 1 of a real lineage, and the engine that deploys to it, inside one test.
///
/// `world` is the real one; a test wraps parts of it to act at an exact step of a deployment.
final class Rig: Sendable {
    /// What the bind line loads.
    enum Loading { case file, directory }

    let name = "pbx.example.org"
    let scratch: ScratchDirectory
    let letsencrypt: FilePath
    let bundles: FilePath
    let address: ProbeAddress
    private let configuration: String
    private let arguments: [String]
    private let process: Mutex<RunningHAProxy?>

    /// Starts HAProxy; `-W` among `arguments` makes it one that reloads, `isMastered` one that does so by its master's socket.
    ///
    /// Where it loads the directory, HAProxy starts with a throw-away certificate and does not know the lineage's bundle.
    /// `binds` are more bind lines, in which `BUNDLE` is the bundle and `DIR` the scratch directory.
    init(
        _ loading: Loading = .file, arguments: [String] = [], isMastered: Bool = false, serving options: [String] = [],
        binds: [String] = []
    ) async throws {
        scratch = try ScratchDirectory()
        (letsencrypt, bundles) = (scratch.file("letsencrypt"), scratch.file("certs"))
        try FileManager.default.createDirectory(
            atPath: bundles.string, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
        let text = RunningHAProxy.unusedAddress()
        address = try #require(ProbeAddress(text))
        let bundle = bundles.appending("\(name).pem")
        configuration = """
            listen tls
                bind \(text) ssl crt \(loading == .file ? bundle : bundles)
                \(binds.joined(separator: "\n    ").replacing("BUNDLE", with: bundle.string)
                    .replacing("DIR", with: scratch.path.string))
                server none 127.0.0.1:9

            """
        self.arguments = arguments + (isMastered ? ["-W", "-S", scratch.file("master.sock").string] : [])
        process = Mutex(nil)
        try await make(options)
        switch loading {
        case .file: try write(generation: 1)
        case .directory:
            let throwAway = try await TestCertificate.make("aaa", in: scratch)
            try FileManager.default.moveItem(atPath: throwAway.bundle.string, toPath: "\(bundles)/aaa.pem")
        }
        try await start()
    }

    var bundle: FilePath { bundles.appending("\(name).pem") }
    var socket: FilePath { scratch.file("admin.sock") }
    /// The master's socket, where there is one.
    var master: FilePath { scratch.file("master.sock") }
    var state: FilePath { scratch.file("state") }
    /// The Runtime API, past what a test wraps.
    var api: RuntimeAPI { RuntimeAPI(socket: socket.string) }

    /// Makes a generation; the options are those of the certificate script.
    func make(_ options: [String]) async throws {
        try await MadeCertificates.lineage(name, below: letsencrypt, options, now: nil)
    }

    /// Makes a generation with this number.
    func renew(_ number: Int = 2, _ options: [String] = []) async throws {
        try await make(["--generation", "\(number)"] + options)
    }

    /// Writes the bundle of a generation to where HAProxy loads it, without certd.
    func write(generation: Int, to path: FilePath? = nil) throws {
        let text = try ["fullchain", "privkey"].map { kind in
            try String(
                contentsOfFile: "\(letsencrypt)/archive/\(name)/\(kind)\(generation).pem", encoding: .utf8)
        }
        try text.joined().write(toFile: (path ?? bundle).string, atomically: true, encoding: .utf8)
    }

    /// The SHA-1 of a generation's leaf, as HAProxy shows it.
    func sha1(of generation: Int) throws -> String {
        let leaf = try InstalledBundle.read(at: FilePath("\(letsencrypt)/archive/\(name)/cert\(generation).pem")).leaf
        return hexadecimal(try #require(leaf).sha1)
    }
}

extension Rig {
    /// Starts HAProxy, or starts it again after ``kill()``.
    func start() async throws {
        let started = try await RunningHAProxy.start(configuration, in: scratch, arguments: arguments)
        process.withLock { $0 = started }
    }

    /// HAProxy is gone at once.
    func kill() async throws {
        let running = process.withLock { running in
            defer { running = nil }
            return running
        }
        try await running?.kill()
    }

    /// Reloads HAProxy and comes back when a new worker answers.
    ///
    /// HAProxy 2.6 tells nobody when it has, so it is asked until another process answers. It also loses a signal that comes
    /// while its master has not finished the last reload, though the new worker answers by then; so it is told again.
    func reload() async throws {
        let before = try await api.processInfo().pid
        let start = ContinuousClock.now
        var next = start
        while (try? await api.processInfo().pid) ?? before == before {
            let now = ContinuousClock.now
            try #require(now - start < .seconds(60), "HAProxy has not reloaded")
            guard now >= next else { continue }
            process.withLock { $0?.signal(SIGUSR2) }
            next = now + .seconds(3)
        }
    }
}

extension Rig {
    /// The configuration file's text; `extra` stands behind its sections.
    ///
    /// `haproxy` are more lines of the section of that name.
    func toml(sockets: [FilePath]? = nil, extra: String = "", haproxy: String = "") -> String {
        let sockets = (sockets ?? [socket]).map { "\"\($0)\"" }.joined(separator: ", ")
        return """
            [letsencrypt]
            directory = "\(letsencrypt)"
            [haproxy]
            sockets = [\(sockets)]
            configuration = "\(scratch.file("haproxy.cfg"))"
            \(haproxy)
            [check]
            trust = "\(letsencrypt)/pki/root.pem"
            timeout = "5s"
            [paths]
            state = "\(state)"
            runtime = "\(scratch.file("run"))"
            \(extra.isEmpty ? "[bundles]\ndirectory = \"\(bundles)\"" : extra)
            """
    }

    func inventory(_ world: World = .live, toml: String? = nil) async throws -> Inventory {
        try await Inventory(settings: try load(toml ?? self.toml()), world: world)
    }

    /// Runs `certd deploy` as the command does, on the one lineage.
    @discardableResult
    func deploy(
        _ world: World = .live, toml: String? = nil, isForced: Bool = false, isDryRun: Bool = false
    ) async throws -> DeploymentReport {
        let inventory = try await inventory(world, toml: toml)
        let run = DeploymentRun(inventory: inventory, isForced: isForced, isDryRun: isDryRun)
        var results: [DeploymentRun.Result] = []
        _ = try await run.run(inventory.lineages(named: [name])) { results.append($0) }
        return try #require(results.first).outcome.get()
    }

    /// Runs a deployment that has to fail, and gives its error.
    func refusal(
        _ world: World = .live, toml: String? = nil, isForced: Bool = false,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async -> (any Diagnosis)? {
        do {
            try await deploy(world, toml: toml, isForced: isForced)
            Issue.record("it was deployed", sourceLocation: sourceLocation)
            return nil
        } catch {
            let diagnosis = error as? any Diagnosis
            #expect(diagnosis?.remedy.isEmpty == false, "\(error)", sourceLocation: sourceLocation)
            return diagnosis
        }
    }
}

/// The SHA-1 of the leaf at each station; nil where there is none.
struct SeenStations: Equatable {
    var disk: String?
    var memory: String?
    var wire: String?

    /// The same leaf everywhere.
    static func all(_ sha1: String?) -> SeenStations { SeenStations(disk: sha1, memory: sha1, wire: sha1) }
}

extension Rig {
    /// Looks at the stations, past what a test wraps.
    func stations() async throws -> SeenStations {
        let disk = try? InstalledBundle.read(at: bundle).leaf
        let memory = try? await api.certificate(named: bundle.string)
        let target = ProbeTarget(address, serverName: name)
        let wire = try? await HandshakeProbe.live.handshake(target).certificates.first
        return SeenStations(
            disk: disk.map { hexadecimal($0.sha1) }, memory: memory?.leaf?.sha1,
            wire: wire.map { hexadecimal(Digest.sha1($0.span)) })
    }

    /// All stations show this generation, no transaction is open, nothing is noted and nothing lies about.
    func expectInStep(_ generation: Int, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let expected = try SeenStations.all(sha1(of: generation))
        #expect(try await stations() == expected, sourceLocation: sourceLocation)
        try await expectTidy(sourceLocation: sourceLocation)
    }

    func expectTidy(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        #expect((try? await api.openTransaction()) == .none, sourceLocation: sourceLocation)
        #expect(StateDirectory(path: state).intents().isEmpty, sourceLocation: sourceLocation)
        let files = try FileManager.default.contentsOfDirectory(atPath: bundles.string)
        #expect(files.filter { $0.hasPrefix(".") } == [], sourceLocation: sourceLocation)
    }
}
