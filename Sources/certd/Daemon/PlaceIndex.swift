import CertKit
import SystemPackage

/// What the paths mean that events and looks are about.
struct PlaceIndex {
    /// The lineages whose directory is one of ``common`` too.
    private(set) var lineages: [FilePath: Lineage] = [:]
    /// The lineages by the directory of their bundle and its name there.
    private(set) var bundles: [FilePath: [FilePath: Lineage]] = [:]
    /// The lineages that are not certbot's.
    private(set) var others: [Lineage] = []
    private(set) var sockets: Set<FilePath> = []
    /// Files and directories whose change means that this host has something else now.
    private(set) var inventory: Set<FilePath> = []
    /// The directories that are watched however many lineages there are.
    private(set) var common: Set<FilePath> = []
    /// Where certbot writes a file at each renewal.
    private(set) var renewal = FilePath()

    init() {}

    /// Takes what is there; `inventory` is nil where it could not be seen.
    init(settings: Settings, inventory: Inventory?, lineages known: some Collection<Lineage>) {
        let letsencrypt = settings.letsencrypt
        let live = letsencrypt.appending("live")
        renewal = letsencrypt.appending("renewal")
        sockets = Set(inventory?.sockets ?? [])
        self.inventory = [live, settings.haproxy.configuration]
        if let trust = settings.check.trust { self.inventory.insert(trust) }
        for lineage in known {
            guard let path = inventory?.place(of: lineage)?.path, let name = path.lastComponent else { continue }
            bundles[path.removingLastComponent(), default: [:]][FilePath(root: nil, [name])] = lineage
        }
        others = known.filter { !$0.isCertbots }
        let files = sockets.union(self.inventory)
        common = Set(files.map { $0.removingLastComponent() }).union(bundles.keys).union([letsencrypt, live, renewal])
        for lineage in known where common.contains(lineage.directory) { lineages[lineage.directory] = lineage }
    }
}

extension PlaceIndex {
    /// The lineage whose bundle stands at `path`.
    func lineage(withBundle path: FilePath) -> Lineage? {
        path.lastComponent.flatMap { bundles[path.removingLastComponent()]?[FilePath(root: nil, [$0])] }
    }
}

extension Inventory {
    /// The place of a lineage's bundle, as far as it can be told.
    func place(of lineage: Lineage) -> BundlePlace? { (try? target(of: lineage))??.place }
}
