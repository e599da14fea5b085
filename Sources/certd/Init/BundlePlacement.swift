import CertKit
import HAProxyKit
import SystemPackage

/// Where a lineage's bundle is, and what says so.
struct BundlePlacement: Equatable, Sendable {
    let lineage: Lineage
    let place: BundlePlace
    let source: Source

    enum Source: Equatable, Sendable {
        /// certd's configuration.
        case configured
        /// HAProxy has loaded the lineage's certificate from there.
        case memory
        /// haproxy.cfg loads it, and what stands there is the lineage's.
        case disk
        /// The old hook writes it, and haproxy.cfg loads it.
        case hook(CertbotHook)
    }
}

/// Where all bundles are, as far as it can be told without asking anybody.
struct BundlePlacements: Sendable {
    private(set) var found: [BundlePlacement] = []
    /// Those that nothing says anything of: other servers' lineages.
    private(set) var others: [Lineage] = []
    /// Those that several things are said of.
    private(set) var unclear: [(lineage: Lineage, error: DiscoveryError)] = []

    /// The surest first: what is configured, what HAProxy has loaded, what it will load, what the old hooks write.
    init(in inventory: Inventory, writtenBy hooks: [OldHook]) {
        let configured = inventory.settings.configuredPlaces(of: inventory.lineages)
        let onDisk = inventory.placesOnDisk
        for lineage in inventory.lineages {
            var trouble: DiscoveryError?
            do throws(DiscoveryError) {
                if let place = try inventory.target(of: lineage)?.place {
                    add(lineage, place, configured[lineage] == nil ? .memory : .configured)
                    continue
                }
            } catch {
                trouble = error
            }
            if let place = onDisk[lineage] {
                add(lineage, place, .disk)
            } else if let (hook, path) = BundlePlacements.only(path: lineage, writtenBy: hooks, inventory.settings) {
                add(lineage, BundlePlace(path: path, name: path.string), .hook(hook.hook))
            } else if let trouble {
                unclear.append((lineage, trouble))
            } else {
                others.append(lineage)
            }
        }
        refuseShared()
    }

    private mutating func add(_ lineage: Lineage, _ place: BundlePlace, _ source: BundlePlacement.Source) {
        found.append(BundlePlacement(lineage: lineage, place: place, source: source))
    }

    /// The one path that hooks write for `lineage`, where there is one.
    private static func only(
        path lineage: Lineage, writtenBy hooks: [OldHook], _ settings: Settings
    ) -> (OldHook, FilePath)? {
        let live = settings.letsencrypt.appending("live")
        let candidates = hooks.flatMap { hook in
            hook.hook.deeds.paths(for: lineage.name, in: live).map { $0.lexicallyNormalized() }
                .filter { hook.bundles.contains($0) && hook.isFor(lineage) }.map { (hook, $0) }
        }
        return Set(candidates.map(\.1)).count == 1 ? candidates.first : nil
    }

    /// Two lineages cannot have one bundle: a hook of this kind has let them take turns.
    private mutating func refuseShared() {
        let byPath = Dictionary(grouping: found) { $0.place.path.lexicallyNormalized() }
        for (path, sharers) in byPath where sharers.count > 1 {
            let error = DiscoveryError.sharedPath(path: path.string, lineages: sharers.map(\.lineage.name))
            unclear += sharers.map { ($0.lineage, error) }
            found.removeAll { sharers.contains($0) }
        }
    }
}

extension OldHook {
    fileprivate func isFor(_ lineage: Lineage) -> Bool {
        guard case .renewal(let name, _, _) = hook.place else { return true }
        return name == lineage.name
    }
}

extension Inventory {
    /// The lineages that the files which haproxy.cfg names belong to: what HAProxy would say if it ran.
    fileprivate var placesOnDisk: [Lineage: BundlePlace] {
        guard let configuration else { return [:] }
        let loaded = configuration.listeners.flatMap(\.certificates).map { certificate in
            let leaf = certificate.file.flatMap { try? InstalledBundle.read(at: $0) }?.leaf
            return LoadedFacts(name: certificate.name, leaf: leaf.map { LeafFacts($0) })
        }
        let facts = SocketFacts(socket: settings.haproxy.configuration, loaded: loaded)
        let discovery = Discovery(settings: settings, sockets: [facts], configuration: configuration)
        let known = lineages.map { LineageFacts(lineage: $0, leaf: LeafFacts(of: $0)) }
        var places: [Lineage: BundlePlace] = [:]
        for assignment in discovery.assignments(of: known) {
            if case .success(let target?) = assignment.target { places[assignment.lineage] = target.place }
        }
        return places
    }
}
