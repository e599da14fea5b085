import CertKit
import FoundationEssentials
import HAProxyKit

/// Shows that a reload has come to what it was for: a new process answers, has loaded the bundle, and serves it.
///
/// The process from before may accept connections for a moment after the new one does, on the admin socket as well as on
/// the wire, so what it shows is looked at again, after 1, 2, 4 … 200 ms, until the time is over.
struct ReloadProof: Sendable {
    /// The process behind each socket before the reload.
    let before: [String: HAProxyProcess]
    /// When the reload began.
    let start: ContinuousClock.Instant
    let world: World

    /// Whether one of `processes` has begun since the reload did.
    ///
    /// A container may give a new process the old one's id, but not its age; HAProxy counts whole seconds.
    func hasNewProcess(among processes: [String: HAProxyProcess]) -> Bool {
        processes.contains { isNew($0.value, on: $0.key) }
    }

    /// Waits until that is so; false when the time is over.
    func waitForNewProcess(_ look: () async -> [String: HAProxyProcess]) async -> Bool {
        await eventually { hasNewProcess(among: await look()) ? () : nil } != nil
    }

    /// Proves one lineage, and gives what was found that is no failure.
    func prove(_ reload: PendingReload) async throws -> [Finding] {
        let memory = try await memory(with: reload)
        let (bundle, observer) = (reload.candidate.bundle, reload.observer)
        for station in reload.look.wire where reload.isProof(station) {
            try await prove(bundle.leaf, at: station, by: observer)
        }
        var now = Observation(bundle: observer.bundle(), memory: memory, wire: [])
        for station in reload.look.wire where station.notProvable == nil && !reload.isProof(station) {
            now.wire.append(await observer.look(at: station, memory))
        }
        return now.doubts(about: reload.lineage)
    }

    /// What every HAProxy that answered before has loaded now: the new bundle.
    private func memory(with reload: PendingReload) async throws -> [Observation.MemoryStation] {
        let bundle = reload.candidate.bundle
        let answered = Set(reload.look.memory.filter { !$0.isDown }.map(\.socket))
        var last: (any Error)?
        let found = try await eventually { () async throws -> [Observation.MemoryStation]? in
            let stations = await reload.observer.memory()
            for station in stations where answered.contains(station.socket) {
                switch station.loaded {
                case .failure(let error):
                    if error.isForAge { continue }
                    last = error
                    return nil
                case .success where station.holds(bundle): continue
                case .success:
                    last = DeploymentError.notTaken(name: station.name, socket: station.socket)
                    if let process = station.process, isNew(process, on: station.socket), let last { throw last }
                    return nil
                }
            }
            return stations
        }
        if let found { return found }
        throw last ?? ReloadError.noNewProcess(sockets: answered.sorted(), after: world.patience)
    }

    private func prove(
        _ leaf: Certificate, at station: Observation.WireStation, by observer: Observer
    ) async throws {
        let (address, expected) = (station.address.description, leaf.fingerprint)
        var last: DeploymentError?
        let proven: Void? = await eventually {
            switch await observer.handshake(at: station.place, by: leaf.algorithm) {
            case .success(let chain) where chain.leafFingerprint == expected: return ()
            case .success(let chain):
                last = .notServed(address: address, served: chain.leafFingerprint, expected: expected)
            case .failure(let error): last = .unprovable(address: address, cause: error)
            }
            return nil
        }
        if proven == nil, let last { throw last }
    }

    private func isNew(_ process: HAProxyProcess, on socket: String) -> Bool {
        guard let old = before[socket] else { return true }
        return !process.isSame(as: old) && .seconds(process.uptime) <= (ContinuousClock.now - start) + .seconds(1)
    }

    /// Looks until there is a value; nil when the time is over.
    private func eventually<Value>(_ look: () async throws -> Value?) async rethrows -> Value? {
        let deadline = start + world.patience * 2
        var pause = Duration.milliseconds(1)
        while true {
            if let value = try await look() { return value }
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero, (try? await ContinuousClock().sleep(for: min(pause, left))) != nil else { return nil }
            pause = min(pause * 2, .milliseconds(200))
        }
    }
}

extension PendingReload {
    /// Whether a handshake there proves that the bundle is served: it has shown what HAProxy had loaded, or, where a HAProxy
    /// is too old to tell, what it had on disk.
    fileprivate func isProof(_ station: Observation.WireStation) -> Bool {
        if station.isProvable { return true }
        let isTold = look.memory.allSatisfy { (try? $0.loaded.get()) != nil || $0.isDown }
        guard !isTold, station.notProvable == nil, let installed = look.bundle.installed?.leaf else { return false }
        return (try? station.served.get())?.leafFingerprint == installed.fingerprint
    }
}
