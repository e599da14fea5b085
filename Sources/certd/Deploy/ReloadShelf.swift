import CertKit
import FoundationEssentials
import SystemPackage

/// The bundles of one reload on disk: which are moved, what stood there before, and how each lineage ends.
struct ReloadShelf {
    private let pending: [PendingReload]
    let inventory: Inventory
    /// Those whose new bundle stands on disk, by their place among ``pending``.
    private var standing: Set<Int> = []
    /// Those where something stood before and is kept.
    private(set) var kept: Set<Int> = []
    private(set) var findings: [Int: [Finding]] = [:]
    private var ended: [Int: Result<DeploymentReport, any Error>] = [:]

    init(_ pending: [PendingReload], inventory: Inventory) {
        self.pending = pending
        self.inventory = inventory
    }

    /// Those whose new bundle stands on disk, and whose end is open.
    var moved: [PendingReload] { standing.sorted().map { pending[$0] } }

    /// Those whose end is open.
    var open: [PendingReload] { pending.indices.filter { ended[$0] == nil }.map { pending[$0] } }

    /// Those that have ended, in their order: all, when the reload is over.
    var all: [ReloadStep.Outcome] {
        pending.indices.compactMap { index in ended[index].map { (pending[index], $0) } }
    }

    func index(of reload: PendingReload) -> Int? { pending.firstIndex { $0.file.path == reload.file.path } }

    /// Moves the disks of all whose bundle HAProxy would start with; the others fail, and stand as before.
    ///
    /// - Throws: ``ReloadError/failsAlready(configuration:alerts:)`` where HAProxy would not start anyway; nothing is moved then.
    mutating func moveDisks() async throws(ReloadError) {
        var rest = Array(pending.indices)
        if case .bad = await judge() {
            // A bundle that is missing on disk, or torn, may be the very reason.
            let mending = rest.filter { !pending[$0].hasLoadableBundle }
            for index in mending { install(index) }
            if case .bad(let alerts) = await judge() {
                for index in mending { restore(index) }
                throw .failsAlready(configuration: inventory.settings.haproxy.configuration, alerts: alerts)
            }
            rest.removeAll { mending.contains($0) }
        }
        await move(rest)
    }

    /// Halves a group that HAProxy does not take until the guilty ones stand alone.
    private mutating func move(_ group: [Int]) async {
        guard !group.isEmpty else { return }
        for index in group { install(index) }
        let installed = group.filter { standing.contains($0) }
        guard !installed.isEmpty, case .bad(let alerts) = await judge() else { return }
        for index in installed { restore(index) }
        guard installed.count > 1 else {
            let index = installed[0]
            let error = DeploymentError.stopsNextStart(
                bundle: pending[index].file.path.string,
                configuration: inventory.settings.haproxy.configuration.string, alerts: alerts)
            if ended[index] == nil { end(index, error, .untouched) }
            return
        }
        let back = installed.filter { ended[$0] == nil }
        await move(Array(back[..<(back.count / 2)]))
        await move(Array(back[(back.count / 2)...]))
    }

    func judge() async -> StartVerdict { await inventory.startVerdict() }

    private mutating func install(_ index: Int) {
        let file = pending[index].file
        do {
            if try KeptBundle(of: file).keep() { kept.insert(index) }
            findings[index] = try file.install(file.stage(file.bytes(of: pending[index].candidate.bundle)))
            standing.insert(index)
        } catch WriteError.notDurable(let path, let reason) {
            standing.insert(index)
            restore(index)
            end(index, WriteError.notDurable(path: path, reason), .untouched)
        } catch {
            try? KeptBundle(of: file).letGo()
            kept.remove(index)
            end(index, error, .untouched)
        }
    }

    /// Puts the bundle from before back; that it cannot is the lineage's end.
    mutating func restore(_ index: Int) {
        guard standing.remove(index) != nil else { return }
        do {
            try KeptBundle(of: pending[index].file).putBack(kept.remove(index) != nil)
        } catch {
            end(index, error, .uneven("the bundle from before could not be put back"))
        }
    }

    private mutating func end(_ index: Int, _ error: any Error, _ aftermath: DeploymentError.Aftermath) {
        end(index, with: .failure(DeploymentError.undone(cause: error, aftermath: aftermath)))
    }

    /// The first end counts.
    mutating func end(_ index: Int, with outcome: Result<DeploymentReport, any Error>) {
        standing.remove(index)
        if ended[index] == nil { ended[index] = outcome }
    }
}
