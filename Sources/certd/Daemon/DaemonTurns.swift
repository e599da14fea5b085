import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage

/// Looking in full at what nothing has happened to: all is read and compared, and little else is done.
///
/// Neither a handshake nor libcrypto: the bytes that stand in the bundle had to pass both when they were deployed, and where
/// HAProxy's memory holds them and something else is served nonetheless, no deployment would change that; `check` tells.
extension DaemonLoop {
    /// Finishes those of `quiet` that are in step.
    mutating func passOver(_ quiet: [Generation]) async {
        // What a run that was killed has left open is for a deployment to end.
        guard !quiet.isEmpty, let inventory, inventory.state.intents().isEmpty else { return }
        for generation in quiet where schedule.isQuiet(generation.lineage) && !inbox.isEnding {
            let lineage = generation.lineage
            guard known.failing[lineage] == nil else { continue }
            let stamp = bundle(of: lineage).map { Stamp(of: $0) }
            do throws(RuntimeError) {
                guard try await inventory.holds(generation, recalling: signatures) else { continue }
                places[lineage]?.bundle = stamp
                schedule.finish(lineage)
            } catch {
                guard let socket = error.silentSocket else { continue }
                fallSilent(socket)
            }
        }
        daemon.supervisor.alive()
    }

    /// Has deployments see to lineages with files beside their bundles that runs which were killed have left.
    mutating func lookForLeftovers() {
        for (directory, bundles) in index.bundles {
            guard let names = try? DirectoryHandle(opening: directory).names() else { continue }
            for name in names where name.hasPrefix(".") {
                guard let mark = name.firstRange(of: ".certd-") else { continue }
                let bundle = FilePath(String(name[name.index(after: name.startIndex)..<mark.lowerBound]))
                guard let lineage = bundles[bundle] else { continue }
                inventory?.tidy.forget(directory)
                begin(lineage, because: .event)
            }
        }
    }
}

extension Inventory {
    /// Whether nothing holds `lineage` at an older generation: what is pinned, or may be, is for a deployment to read.
    private func followsCertbot(_ lineage: Lineage) -> Bool {
        do throws(StateError) {
            return try state.pin(of: lineage) == nil
        } catch {
            return false
        }
    }

    /// Whether the bundle of a generation stands on disk to the byte, and every HAProxy that runs has loaded it.
    ///
    /// - Throws: ``RuntimeError`` where a HAProxy does not say.
    fileprivate func holds(
        _ generation: Generation, recalling signatures: SignatureMemory
    ) async throws(RuntimeError) -> Bool {
        let lineage = generation.lineage
        guard let target = try? target(of: lineage), state.failure(of: lineage) == nil, followsCertbot(lineage) else {
            return false
        }
        var judge = judge(hosts: target.place.hosts)
        judge.signatures = signatures
        guard let candidate = try? Candidate(generation, by: judge) else { return false }
        let observer = observer(of: target)
        guard observer.bundle().installed?.isExactly(candidate.bundle) == true else { return false }
        for place in target.sockets {
            let loaded: Result<LoadedCertificate?, RuntimeError>
            do throws(RuntimeError) {
                loaded = .success(try await world.runtime(place.socket.string).certificate(named: place.name))
            } catch {
                // Where nothing runs nothing differs.
                guard error.isDown else { throw error }
                continue
            }
            let station = Observation.MemoryStation(
                socket: place.socket.string, name: place.name, process: nil, loaded: loaded,
                list: observer.list(loading: place.name))
            guard station.holds(candidate.bundle) else { return false }
        }
        return true
    }
}
