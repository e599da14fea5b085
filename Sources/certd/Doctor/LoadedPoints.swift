import CertKit
import HAProxyKit
import SystemPackage

/// What haproxy.cfg loads: there, and whose it is.
extension SetupDoctor {
    func loadedPoints() async -> [SetupPoint] {
        guard let configuration = inventory.configuration else {
            return inventory.findings.map { .finding("loaded-paths", $0) }
        }
        var points: [SetupPoint] = configuration.unreadable.map { .failure("loaded-paths", $0) }
        let ours = Set(targets.map { $0.place.path.lexicallyNormalized() })
        var managed: Set<FilePath> = []
        var foreign: Set<FilePath> = []
        var missing: Set<FilePath> = []
        for certificate in configuration.listeners.flatMap(\.certificates) {
            guard let file = certificate.file?.lexicallyNormalized() else { continue }
            if ours.contains(file) {
                managed.insert(file)
            } else if exists(file) {
                foreign.insert(file)
            } else {
                missing.insert(file)
            }
        }
        for file in missing.sorted(by: { $0.string < $1.string }) {
            points.append(
                .problem(
                    "loaded-paths", "\(file): haproxy.cfg names it, and it is not there",
                    fix: "take it out of haproxy.cfg, or name its lineage: certd init"))
        }
        if !managed.isEmpty {
            points.append(.ok("loaded-paths", "\(managed.count) of certd's: \(shown(managed))"))
        }
        if !foreign.isEmpty {
            points.append(.ok("loaded-paths", "unmanaged, no lineage's bundle: \(shown(foreign))"))
        }
        let isWholeKnown = configuration.listeners.allSatisfy(\.unresolved.isEmpty)
        for target in targets where isWholeKnown && !configuration.loads(target.place.path) && target.isOnlyNamed {
            points.append(
                .warning(
                    "loaded-paths", "\(target.place.path): haproxy.cfg does not load it",
                    fix: "bind … ssl crt \(target.place.path) in \(settings.haproxy.configuration)"))
        }
        let known = Dictionary(ours.map { ($0.string, nil as Certificate?) }, uniquingKeysWith: { first, _ in first })
        for directory in configuration.loadedDirectories {
            let found = directory.findings(known: known, on: inventory.world.now())
            points += found.map { .finding("loaded-paths", $0) }
        }
        return points
    }

    /// HAProxy takes a pair by the name without its endings, `site.pem` for `site.pem.rsa`.
    private func exists(_ file: FilePath) -> Bool {
        ["", ".rsa", ".ecdsa", ".dsa"].contains { (try? FilePath(file.string + $0).stat()) != nil }
    }

    private func shown(_ files: Set<FilePath>) -> String {
        let names = files.map(\.string).sorted()
        return names.prefix(4).joined(separator: ", ") + (names.count > 4 ? ", …" : "")
    }
}

extension BundleTarget {
    /// Whether HAProxy's name for it is the path, so that haproxy.cfg has to name that.
    fileprivate var isOnlyNamed: Bool {
        place.name == place.path.string && sockets.allSatisfy { $0.name == place.name }
    }
}
