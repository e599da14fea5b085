import CertKit
import HAProxyKit
import SystemPackage

/// Finds the bundle of each lineage: by its entry, else in the bundles' directory, else by what HAProxy has loaded.
struct Discovery {
    private let settings: Settings
    private let sockets: [SocketFacts]
    /// Tells which file is behind a name, and under which names a file is loaded.
    private let configuration: HAProxyConfiguration?
    private typealias Places = [Lineage: Result<BundlePlace, DiscoveryError>]

    /// Takes what the admin sockets say: of leaves only where ``needsLeaves(for:settings:)`` says so.
    init(settings: Settings, sockets: [SocketFacts], configuration: HAProxyConfiguration? = nil) {
        self.settings = settings
        self.sockets = sockets
        self.configuration = configuration
    }

    /// Whether one of `lineages` can be found only by the leaves in HAProxy's memory.
    static func needsLeaves(for lineages: [Lineage], settings: Settings) -> Bool {
        let configured = settings.configuredPlaces(of: lineages)
        return lineages.contains { configured[$0] == nil }
    }

    /// One assignment for each of `lineages`, in their order; one that fails leaves the others alone.
    func assignments(of lineages: [LineageFacts]) -> [Assignment] {
        let configured = settings.configuredPlaces(of: lineages.map(\.lineage))
        var places: Places = configured.mapValues { .success($0) }
        places.merge(matchedPlaces(of: lineages, beside: configured)) { configured, _ in configured }
        refuseSharedPaths(in: &places, of: lineages.map(\.lineage))
        let names = sockets.map(SocketNames.init)
        return lineages.map { facts in
            let target = places[facts.lineage]?.map { place -> BundleTarget? in
                let sockets = names.flatMap { $0.loading(place, as: otherNames(of: place)) }
                // A key that a crt-store loads by itself would not be that of a new bundle at HAProxy's next start.
                var place = place
                place.keyPath = place.keyPath ?? configuration?.keyFile(of: place.path)
                return BundleTarget(lineage: facts.lineage, place: place, sockets: sockets)
            }
            return Assignment(lineage: facts.lineage, target: target ?? .success(nil))
        }
    }

    /// The places of those lineages that the configuration says nothing of.
    private func matchedPlaces(of lineages: [LineageFacts], beside configured: [Lineage: BundlePlace]) -> Places {
        let taken = Set(configured.values.flatMap { [$0.name] + otherNames(of: $0) }.map(spelling))
        let free = sockets.flatMap { $0.loaded ?? [] }.filter { !taken.contains(spelling($0.name)) }
        let open = lineages.filter { configured[$0.lineage] == nil }
        let names = LeafMatching(lineages: open, loaded: free, known: lineages).names()
        return Dictionary(
            uniqueKeysWithValues: names.map { lineage, name in
                (lineage, name.flatMap { BundlePlace.named($0, at: file(behind: $0), of: lineage) })
            })
    }

    /// Where this host has what HAProxy calls `name`; nil where that is no path and no bind line loads it.
    private func file(behind name: String) -> FilePath? {
        let path = FilePath(name)
        return path.isAbsolute ? settings.haproxy.paths.onHost(path) : configuration?.file(named: name)
    }

    /// What HAProxy may call the file at `place` too; nothing where the configuration of certd names it differently.
    private func otherNames(of place: BundlePlace) -> [String] {
        guard place.name == settings.haproxy.paths.inHAProxy(place.path).string else { return [] }
        return configuration?.names(of: place.path) ?? []
    }

    private func refuseSharedPaths(in places: inout Places, of lineages: [Lineage]) {
        var sharers: [FilePath: [Lineage]] = [:]
        for lineage in lineages {
            guard case .success(let place) = places[lineage] else { continue }
            sharers[place.path.lexicallyNormalized(), default: []].append(lineage)
        }
        for (path, lineages) in sharers where lineages.count > 1 {
            for lineage in lineages {
                places[lineage] = .failure(.sharedPath(path: path.string, lineages: lineages.map(\.name)))
            }
        }
    }
}

extension Settings {
    /// Whether the configuration says where any bundle is.
    var placesBundles: Bool { !entries.isEmpty || bundles != nil }

    /// Where the configuration wants the bundles of `lineages`: an entry wins over the bundles' directory.
    func configuredPlaces(of lineages: [Lineage]) -> [Lineage: BundlePlace] {
        var named: [Lineage: BundleEntry] = [:]
        for entry in entries { named[entry.lineage] = entry }
        var places: [Lineage: BundlePlace] = [:]
        for lineage in lineages {
            if let entry = named[lineage] {
                places[lineage] = BundlePlace(
                    path: entry.path, name: haproxyName(of: entry), keyPath: entry.keyPath, hosts: entry.hosts,
                    owner: entry.owner,
                    group: entry.group)
            } else if let path = bundles?.appending(lineage.bundleName) {
                places[lineage] = BundlePlace(path: path, name: haproxy.paths.inHAProxy(path).string)
            }
        }
        return places
    }

    /// The name that was written, as it was; where none was, that of the path.
    private func haproxyName(of entry: BundleEntry) -> String {
        FilePath(entry.name) == entry.path && !haproxy.paths.isEmpty
            ? haproxy.paths.inHAProxy(entry.path).string : entry.name
    }
}

extension Lineage {
    /// `LINEAGE.pem`, after the directory of a lineage that another client keeps.
    fileprivate var bundleName: String { "\(directory.lastComponent?.string ?? name).pem" }
}

extension BundlePlace {
    /// The place of a bundle of which HAProxy's name is known, and `file` where the configuration tells what is behind it:
    /// `@store/alias` and a relative path are none by themselves.
    fileprivate static func named(
        _ name: String, at file: FilePath?, of lineage: Lineage
    ) -> Result<BundlePlace, DiscoveryError> {
        guard let file, file.isAbsolute else { return .failure(.nameIsNoPath(lineage: lineage.name, name: name)) }
        return .success(BundlePlace(path: file, name: name))
    }
}

/// The names that one HAProxy has loaded, to look up places by.
private struct SocketNames {
    private let socket: FilePath
    private let names: Set<String>?
    private var spellings: [String: [String]] = [:]

    init(_ facts: SocketFacts) {
        socket = facts.socket
        names = facts.loaded.map { Set($0.map(\.name)) }
        for loaded in facts.loaded ?? [] { spellings[spelling(loaded.name), default: []].append(loaded.name) }
    }

    /// The socket with every name by which its HAProxy has loaded the bundle at `place`, `others` among them, or with the
    /// configured one where it did not say.
    func loading(_ place: BundlePlace, as others: [String]) -> [LoadingSocket] {
        guard let names else { return [LoadingSocket(socket: socket, name: place.name)] }
        var found: [String] = []
        let candidates = [place.name] + (spellings[spelling(place.name)] ?? []) + others
        for name in candidates where names.contains(name) && !found.contains(name) { found.append(name) }
        return found.map { LoadingSocket(socket: socket, name: $0) }
    }
}

/// One spelling for all names of a path: HAProxy tells `/x//site.pem` from `/x/site.pem`, but the file is the same.
private func spelling(_ name: String) -> String {
    name.hasPrefix("/") ? FilePath(name).lexicallyNormalized().string : name
}
