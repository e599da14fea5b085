import CertKit
import HAProxyKit

/// What a live deployment has changed so far, or may have.
struct Moved: Sendable {
    /// The stations that it has begun to change, each as it was before.
    private(set) var memory: [Observation.MemoryStation] = []
    /// Whether the new bundle stands at its path.
    var disk = false

    /// Remembers `station` before it is changed; what took its place later is not what was before.
    mutating func begin(_ station: Observation.MemoryStation) {
        if !memory.contains(where: { $0.isSame(as: station) }) { memory.append(station) }
    }
}

/// Makes memory and disk equal again after a failure: by what was there before where its PEM is known and it is valid,
/// else by going on to the new one.
struct Undo: Sendable {
    let candidate: Candidate
    let file: BundleFile
    let restorable: Restorable
    let observer: Observer
    let inventory: Inventory

    /// What one station needs so that it is as it was before.
    fileprivate enum Way {
        case nothing
        case restore(Restorable.PEM)
        case remove(list: String)
    }

    func run(_ moved: Moved) async -> DeploymentError.Aftermath {
        let now = await observer.memory()
        var ways: [(step: MemoryStep, way: Way)] = []
        for before in moved.memory {
            // What a process had in its memory went with it.
            guard let now = now.first(where: { $0.isSame(as: before) }), !now.isDown else { continue }
            guard let way = way(from: now, to: before, isOnDisk: moved.disk) else {
                return keepNew(moved, because: "what was served before is not valid or has no key here")
            }
            ways.append((MemoryStep(on: now, inventory: inventory), way))
        }
        if moved.disk {
            // First the disk: where it cannot go back the memory does not either, and both stay equal.
            guard let bytes = bytes(beside: ways.map(\.way)) else {
                return keepNew(moved, because: "no bundle stood here before")
            }
            do {
                try file.put(bytes)
            } catch {
                return keepNew(moved, because: "the bundle that stood here could not be put back (\(error))")
            }
        }
        let failures = await inventory.ledger.lane.alone { await goBack(ways) }
        if !failures.isEmpty { return .uneven(failures.joined(separator: "; ")) }
        if ways.isEmpty, !moved.memory.isEmpty { return .gone }
        return ways.allSatisfy(\.way.isNothing) && !moved.disk ? .untouched : .restored
    }

    /// Nil where there is none.
    private func way(
        from now: Observation.MemoryStation, to before: Observation.MemoryStation, isOnDisk: Bool
    ) -> Way? {
        guard !before.needsListing else {
            // The name served nobody, so taking it away is the way back, unless its file stands there now.
            if case .success(nil) = now.loaded { return .nothing }
            return isOnDisk ? nil : before.list.map { .remove(list: $0) }
        }
        guard let old = before.certificate?.leaf else { return nil }
        if now.certificate?.leaf?.sha1 == old.sha1 { return .nothing }
        return restorable.pem(of: old).map { .restore($0) }
    }

    /// What the disk goes back to: what stood there, unless the memory goes back to something else.
    private func bytes(beside ways: [Way]) -> BundleBytes? {
        let installed = restorable.installed
        guard let pem = ways.lazy.compactMap(\.pem).first, pem.fingerprint != installed?.leaf?.fingerprint else {
            return installed?.bytes
        }
        return file.bytes(of: pem.bundle)
    }

    /// One that fails does not keep the others from going back.
    private func goBack(_ ways: [(step: MemoryStep, way: Way)]) async -> [String] {
        var failures: [String] = []
        for (step, way) in ways.reversed() {
            do {
                switch way {
                case .nothing: break
                case .restore(let pem): try await step.restore(pem)
                case .remove(let list): try await step.remove(from: list)
                }
            } catch {
                failures.append("\(error)")
            }
        }
        return failures
    }

    private func keepNew(_ moved: Moved, because why: String) -> DeploymentError.Aftermath {
        do {
            if !moved.disk { try file.put(file.bytes(of: candidate.bundle)) }
            return .newKept(why)
        } catch {
            return .uneven("\(why), and the new bundle cannot be written: \(error)")
        }
    }
}

extension Undo.Way {
    fileprivate var isNothing: Bool { if case .nothing = self { true } else { false } }
    fileprivate var pem: Restorable.PEM? { if case .restore(let pem) = self { pem } else { nil } }
}
