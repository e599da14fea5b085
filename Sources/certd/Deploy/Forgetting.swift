import CertKit
import HAProxyKit
import SystemPackage

/// Takes away what is left of a lineage that has been deleted: its bundle, and what is on record of it.
struct Forgetting: Sendable {
    let inventory: Inventory
    let lineage: Lineage

    /// Removes the bundle from the disk and, where HAProxy loads a whole directory, from its memory; then the records.
    ///
    /// Gives what was done, a line each.
    /// - Throws: why not; the bundle is then where it was, or the error says otherwise.
    func run() async throws -> [String] {
        guard inventory.isGone(lineage) else { throw ForgetError.stillThere(lineage) }
        let lock = try await inventory.state.lock(within: DeploymentRun.lockLimit)
        let result: Result<[String], any Error>
        do { result = .success(try await runLocked()) } catch { result = .failure(error) }
        lock.release()
        return try result.get()
    }

    private func runLocked() async throws -> [String] {
        var told: [String] = []
        if let removed = await inventory.removed().first(where: { $0.lineage == lineage }) {
            guard let place = removed.place else { throw ForgetError.notOurs(lineage, removed.path) }
            let file = BundleFile(path: place.path, place: place, trusting: inventory.state.users)
            if removed.hasFile {
                try await remove(file)
                told.append("\(lineage): removed \(place.path)")
            }
            try await unload(removed, place)
        }
        try inventory.state.forget(lineage)
        told.append("\(lineage): forgotten")
        if inventory.settings.entries.contains(where: { $0.lineage == lineage }) {
            told.append("  its [[bundle]] entry is still in certd.toml")
        }
        return told
    }

    /// Removes the files, unless HAProxy would not start without them.
    private func remove(_ file: BundleFile) async throws {
        let configuration = inventory.settings.haproxy.configuration
        guard inventory.settings.haproxy.sockets != [] else { return try file.remove() }
        let kept = KeptBundle(of: file)
        if (try? file.path.stat(followTargetSymlink: false)) == nil { try kept.putBack(true) }
        let before = await inventory.startVerdict()
        let wasKept = try kept.keep()
        do {
            try file.remove()
            switch await inventory.startVerdict() {
            case .good: break
            case .bad(let alerts) where before == .good:
                throw ForgetError.stillNamed(lineage, file.path, configuration, alerts: alerts)
            case .bad: throw ForgetError.notJudged(lineage, file.path, configuration, why: "it is broken already")
            case .unknown(let why): throw ForgetError.notJudged(lineage, file.path, configuration, why: why)
            }
        } catch {
            try kept.putBack(wasKept)
            throw error
        }
        try kept.letGo()
    }

    /// Takes it out of the directories that HAProxy has loaded it from.
    private func unload(_ removed: RemovedLineage, _ place: BundlePlace) async throws {
        let target = BundleTarget(lineage: lineage, place: place, sockets: removed.sockets)
        let observer = inventory.observer(of: target)
        for loading in removed.sockets {
            let api = inventory.world.runtime(loading.socket.string)
            // What HAProxy shows then is what counts, not its answer.
            if let list = observer.list(loading: loading.name) {
                try? await api.deleteCertificate(named: loading.name, in: list)
            }
            guard try await api.certificate(named: loading.name) != nil else { continue }
            throw ForgetError.stillLoaded(lineage, loading)
        }
    }
}

/// Why what is left of a lineage is not taken away.
enum ForgetError: Diagnosis {
    /// It has not been deleted.
    case stillThere(Lineage)
    /// Only a record says that the bundle is there.
    case notOurs(Lineage, FilePath)
    /// HAProxy would not start without it.
    case stillNamed(Lineage, FilePath, FilePath, alerts: String)
    /// Whether HAProxy would start without it cannot be told.
    case notJudged(Lineage, FilePath, FilePath, why: String)
    /// The disk is tidy, but HAProxy goes on serving it.
    case stillLoaded(Lineage, LoadingSocket)

    var description: String {
        switch self {
        case .stillThere(let lineage): "\(lineage): the lineage has not been deleted"
        case .notOurs(let lineage, let path): "\(lineage): neither certd.toml nor haproxy.cfg names its bundle \(path)"
        case .stillNamed(let lineage, let path, _, let alerts):
            "\(lineage): HAProxy would not start without \(path), which stays: \(alerts)"
        case .notJudged(let lineage, let path, let configuration, let why):
            "\(lineage): \(path) stays, because haproxy -c cannot tell whether \(configuration) needs it: \(why)"
        case .stillLoaded(let lineage, let loading):
            "\(lineage): the bundle is removed, and HAProxy serves it until it is reloaded (\(loading.socket))"
        }
    }
    var remedy: String {
        switch self {
        case .stillThere(let lineage):
            "if nobody needs it: \(lineage.isCertbots ? "certbot delete --cert-name \(lineage)" : "rm -r \(lineage)"); "
                + "then certd forget \(lineage)"
        case .notOurs(let lineage, let path): "if nobody needs it: rm \(path); then certd forget \(lineage)"
        case .stillNamed(let lineage, let path, let configuration, _):
            "take \(path) out of \(configuration); systemctl reload haproxy; then certd forget \(lineage)"
        case .notJudged(let lineage, let path, let configuration, _):
            "see why: haproxy -c -f \(configuration); or if nobody needs it: rm \(path); then certd forget \(lineage)"
        case .stillLoaded(let lineage, _): "systemctl reload haproxy; then certd forget \(lineage)"
        }
    }
    var findingID: FindingID { .lineageRemoved }
}
