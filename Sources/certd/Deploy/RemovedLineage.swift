import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage

/// A lineage that certd has deployed and that has been deleted since, while its bundle is still there.
struct RemovedLineage: Sendable {
    let lineage: Lineage
    /// Where its bundle was put.
    let path: FilePath
    /// The same with what the configuration says of it; nil where neither certd's configuration nor HAProxy's has a bundle
    /// of the lineage there, so that it is not to be touched on the word of a record alone.
    let place: BundlePlace?
    /// The HAProxy processes that have it loaded.
    let sockets: [LoadingSocket]
    let lastDeployment: Date

    /// Whether its file is there, or what a ``Forgetting`` that was killed has kept of it.
    var hasFile: Bool {
        let kept = KeptBundle(of: BundleFile(path: path, place: place, trusting: [])).path
        return [path, kept].contains { (try? $0.stat(followTargetSymlink: false)) != nil }
    }
}

extension Inventory {
    /// The lineages that certd has deployed, that are deleted, and whose bundles are on disk or in a HAProxy's memory.
    ///
    /// None where only certbot's directory was looked at: whose the bundles are is not known then.
    func removed() async -> [RemovedLineage] {
        guard hasStations, state.hasDeployments else { return [] }
        // What is not there below a directory that is not there either may only be out of sight.
        let entries = settings.entries.map(\.lineage).filter(isGone)
        let there = Set(lineages).subtracting(entries)
        let records = state.deployments(except: there, below: settings.letsencrypt).filter { isGone($0.lineage) }
        guard !records.isEmpty else { return [] }
        let taken = Set(there.compactMap { place(of: $0)?.path.lexicallyNormalized() })
        var loaded: [(socket: FilePath, names: Set<String>)] = []
        for socket in sockets {
            let names = try? await world.runtime(socket.string).certificateNames()
            loaded.append((socket, Set(names ?? [])))
        }
        return records.compactMap { lineage, record in
            guard let removed = removed(lineage, record, loaded: loaded), removed.hasFile || !removed.sockets.isEmpty,
                !taken.contains(removed.path.lexicallyNormalized())
            else { return nil }
            return removed
        }.sorted { $0.lineage.name < $1.lineage.name }
    }

    /// Whether `lineage` has been deleted.
    func isGone(_ lineage: Lineage) -> Bool {
        (try? lineage.directory.stat(followTargetSymlink: false)) == nil
            && (try? lineage.directory.removingLastComponent().stat())?.type == .directory
    }

    private func removed(
        _ lineage: Lineage, _ record: StateDirectory.LastDeployment, loaded: [(socket: FilePath, names: Set<String>)]
    ) -> RemovedLineage? {
        let configured = settings.configuredPlaces(of: [lineage])[lineage]
        guard let path = configured?.path ?? record.bundle.map({ FilePath($0) }), path.isAbsolute else { return nil }
        let names = [configured?.name ?? path.string] + (configuration?.names(of: path) ?? [])
        // HAProxy's own configuration is not written by the user who keeps the record.
        let isNamed = names.contains { configuration?.listeners(loading: $0).isEmpty == false }
        let place = configured ?? (isNamed ? BundlePlace(path: path, name: path.string) : nil)
        let sockets = loaded.flatMap { socket, loaded in
            Set(names).filter(loaded.contains).sorted().map { LoadingSocket(socket: socket, name: $0) }
        }
        return RemovedLineage(
            lineage: lineage, path: path, place: place, sockets: sockets, lastDeployment: record.at)
    }
}

extension RemovedLineage {
    /// That it was deleted, and what is left of it; `leaf` is that of its bundle.
    func finding(_ leaf: Certificate?) -> Finding {
        let what = lineage.isCertbots ? "certbot has deleted it" : "its directory is gone"
        let left = sockets.isEmpty ? "its bundle is still there" : "HAProxy still has its bundle loaded"
        return Finding(
            .lineageRemoved, "\(what), and \(left)\(leaf.map { ", valid until \($0.notAfter.utc)" } ?? "")",
            remedy: "if nobody needs it: certd forget \(lineage)", location: path.string)
    }

    /// What is wrong; once the bundle has expired, that too.
    func findings(_ leaf: Certificate?, on now: Date) -> [Finding] {
        guard let leaf, leaf.notAfter < now else { return [finding(leaf)] }
        return [
            finding(leaf),
            Finding(
                .expired, "expired at \(leaf.notAfter.utc), and nobody renews it any more",
                remedy: "certd forget \(lineage)", location: path.string),
        ]
    }
}
