import HAProxyKit
import Synchronization

/// Addresses where a handshake has shown what HAProxy had in its memory, each with the processes that it was then.
///
/// Until one of them is replaced an address goes on showing what they hold. So where something is to be deployed anyway,
/// the handshake that proves it is the first one there: it shows the new leaf, or it is seen once what was served before is
/// served again whether anything could have been proven (``Deployment``).
final class ProvenAddresses: Sendable {
    private let state = Mutex(State())

    private struct State {
        var known: [ProbeAddress: [String: SeenProcess]] = [:]
        /// Where something else was shown: of two names at one address one may be another certificate's.
        var doubtful: Set<Observation.WirePlace> = []
    }

    /// Whether the address of every one of `places` has shown what the processes behind `stations` had loaded, and none of
    /// them anything else.
    func hold(_ places: [Observation.WirePlace], for stations: [Observation.MemoryStation]) -> Bool {
        state.withLock { state in
            places.allSatisfy { place in
                guard let before = state.known[place.address], !state.doubtful.contains(place) else { return false }
                return stations.allSatisfy { station in
                    guard let process = station.process else { return false }
                    return before[station.socket]?.isStill(process) == true
                }
            }
        }
    }

    /// Takes note of where `look` shows what is in memory.
    func note(_ look: Observation) {
        let processes = Dictionary(
            look.memory.compactMap { station in station.process.map { (station.socket, SeenProcess($0)) } },
            uniquingKeysWith: { first, _ in first })
        state.withLock { state in
            for station in look.wire {
                if station.isProvable {
                    state.known[station.address] = processes
                    state.doubtful.remove(station.place)
                } else {
                    state.doubtful.insert(station.place)
                }
            }
        }
    }
}
