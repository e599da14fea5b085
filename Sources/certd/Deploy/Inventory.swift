import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage

/// What there is on this host: the lineages, HAProxy's sockets and configuration, and which bundle belongs to which
/// lineage. Everything that looks or deploys begins with it.
struct Inventory: Sendable {
    let settings: Settings
    let world: World
    let trust: TrustStore
    /// Anchors of CAs of one's own.
    let privateAnchors: Set<Certificate>
    let state: StateDirectory
    /// HAProxy's own configuration, where it can be read.
    let configuration: HAProxyConfiguration?
    /// All lineages, those that only the configuration names included.
    let lineages: [Lineage]
    /// Whether anything beyond certbot's directory was looked at.
    let hasStations: Bool
    /// What concerns no single lineage.
    let findings: [Finding]
    /// Where no killed run has left anything.
    let tidy = TidyDirectories()
    /// What the deployments of a run have in common; each run begins one.
    var ledger = RunLedger()
    /// Where handshakes have shown what HAProxy holds.
    let proven = ProvenAddresses()
    /// Signatures that were found to be right: an issuer's is verified once, not once a lineage.
    var signatures = SignatureMemory()
    private let targets: [Lineage: Result<Goal, DiscoveryError>]
    /// The admin sockets of HAProxy; none where there is no HAProxy.
    let sockets: [FilePath]
    /// How long a deployment waits for a lineage that certbot is changing.
    var bound = Inventory.deployBound
    /// One that did not say what its HAProxy has loaded.
    let silentSocket: FilePath?

    /// A target without its lineage, which is the key that it is kept under.
    fileprivate struct Goal {
        let place: BundlePlace
        let sockets: [LoadingSocket]
    }

    /// Looks around, beyond certbot's directory only if the stations behind the lineages are wanted.
    ///
    /// - Throws: when certbot's directory or the file of trust anchors cannot be read.
    init(settings: Settings, world: World, withStations: Bool = true) async throws {
        self.settings = settings
        self.world = world
        state = StateDirectory(path: settings.state)
        trust = try settings.check.trustStore()
        privateAnchors = try settings.check.privateAnchorCertificates()
        lineages = settings.lineages(with: try settings.certbotLineages())
        hasStations = withStations
        guard withStations else {
            (configuration, findings, sockets, targets, silentSocket) = (nil, [], [], [:], nil)
            return
        }
        var findings: [Finding] = []
        do {
            configuration = try HAProxyConfiguration(
                reading: settings.haproxy.configuration, mapping: settings.haproxy.paths)
        } catch {
            configuration = nil
            if settings.haproxy.sockets != [], !error.isMissing { findings.append(error.finding) }
        }
        let admin = configuration?.statsSockets.filter { $0.level == .admin }.map { FilePath($0.path) } ?? []
        sockets = settings.adminSockets(statsSockets: admin) { (try? $0.stat()) != nil }

        let needsLeaves = !sockets.isEmpty && Discovery.needsLeaves(for: lineages, settings: settings)
        var facts: [SocketFacts] = []
        for socket in sockets { facts.append(await SocketFacts(asking: world.runtime(socket.string), needsLeaves)) }
        silentSocket = facts.first { $0.loaded == nil }?.socket
        self.findings = findings
        guard !sockets.isEmpty || settings.placesBundles else {
            targets = [:]
            return
        }
        let discovery = Discovery(settings: settings, sockets: facts, configuration: configuration)
        let known = lineages.map { LineageFacts(lineage: $0, leaf: needsLeaves ? LeafFacts(of: $0) : nil) }
        var targets: [Lineage: Result<Goal, DiscoveryError>] = [:]
        for assignment in discovery.assignments(of: known) where targets[assignment.lineage] == nil {
            targets[assignment.lineage] = assignment.goal
        }
        self.targets = targets
    }

    /// Where `lineage` is deployed to; nil where nothing says that it has a bundle.
    ///
    /// - Throws: ``DiscoveryError`` where that cannot be told.
    func target(of lineage: Lineage) throws(DiscoveryError) -> BundleTarget? {
        guard let found = try targets[lineage]?.get() else {
            // Whatever does not answer may have loaded it, so nobody may say that there is nothing to do.
            if let silentSocket { throw .noAnswer(lineage: lineage.name, socket: silentSocket.string) }
            return nil
        }
        // Nobody has loaded the name: every HAProxy here may be the one that should.
        let everyOne = sockets.map { LoadingSocket(socket: $0, name: found.place.name) }
        return BundleTarget(
            lineage: lineage, place: found.place, sockets: found.sockets.isEmpty ? everyOne : found.sockets)
    }

    /// Whether a bundle belongs to `lineage`, or may, where that cannot be told; else it is another server's, a mail
    /// server's for example, and nobody who did not name it wants to hear of it.
    func hasBundle(_ lineage: Lineage) -> Bool {
        do throws(DiscoveryError) {
            return try target(of: lineage) != nil
        } catch {
            return true
        }
    }

    /// The lineages that the operator named, or all.
    func lineages(named operands: [String]) throws(LineageOperandError) -> [Lineage] {
        guard !operands.isEmpty else { return lineages }
        var named: [Lineage] = []
        for operand in operands { named.append(try settings.lineage(for: operand, among: lineages)) }
        return named
    }

    /// Whether HAProxy's next start would work.
    func startVerdict() async -> StartVerdict {
        guard settings.haproxy.paths.isEmpty else { return .unknown("HAProxy sees other paths ([haproxy] path-map)") }
        return await world.judge(settings.haproxy.configuration)
    }

    /// Looks at the stations of one target.
    func observer(of target: BundleTarget) -> Observer {
        Observer(target: target, settings: settings, world: world, configuration: configuration)
    }
}

extension Assignment {
    /// What is kept of it; nil where nothing says that the lineage has a bundle.
    fileprivate var goal: Result<Inventory.Goal, DiscoveryError>? {
        switch target {
        case .success(let target?): .success(Inventory.Goal(place: target.place, sockets: target.sockets))
        case .success(nil): nil
        case .failure(let error): .failure(error)
        }
    }
}

extension Settings {
    /// certbot's lineages; none where certbot has never issued anything and entries name others.
    func certbotLineages() throws(LineageError) -> [Lineage] {
        do {
            return try Lineage.all(below: letsencrypt)
        } catch .file(_, let error) where error.isMissing && !entries.isEmpty {
            return []
        }
    }
}

extension SocketFacts {
    /// Asks one HAProxy for its names, and for the leaf behind each only where it is `needed`: there may be thousands.
    fileprivate init(asking api: RuntimeAPI, _ needed: Bool) async {
        let socket = FilePath(api.path)
        guard let names = try? await api.certificateNames() else {
            self.init(socket: socket, loaded: nil)
            return
        }
        var loaded: [LoadedFacts] = []
        for name in names {
            let leaf = needed ? (try? await api.certificate(named: name))?.leaf : nil
            loaded.append(LoadedFacts(name: name, leaf: leaf.map { LeafFacts($0) }))
        }
        self.init(socket: socket, loaded: loaded)
    }
}

extension LeafFacts {
    /// The leaf of a lineage, as far as it can be read now.
    init?(of lineage: Lineage) {
        let path = lineage.directory.appending("cert.pem")
        guard let contents = try? readFile(at: path),
            let parsed = try? contents.bytes.withSpan({ text throws(PEMError) in
                try PEMContents(parsing: text, file: path.string)
            }),
            let leaf = parsed.certificates.first
        else { return nil }
        self.init(leaf)
    }
}

extension FileError {
    /// Whether there is nothing at the path, as opposed to something that cannot be read.
    var isMissing: Bool {
        if case .missing = self { true } else { false }
    }
}
