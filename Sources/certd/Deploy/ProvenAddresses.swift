import HAProxyKit
import Synchronization

/// Addresses where a handshake has shown what HAProxy had in its memory, each with the processes that it was then.
///
/// Until one of them is replaced an address goes on showing what they hold. So where something is to be deployed anyway,
/// the handshake that proves it is the first one there: it shows the new leaf, or it is seen once what was served before is
/// served again whether anything could have been proven (``Deployment``).
final class ProvenAddresses: Sendable {
    private let known = Mutex<[ProbeAddress: [String: SeenProcess]]>([:])

    /// Whether every one of `addresses` has shown what the processes behind `stations` had loaded.
    func hold(_ addresses: some Sequence<ProbeAddress>, for stations: [Observation.MemoryStation]) -> Bool {
        known.withLock { known in
            addresses.allSatisfy { address in
                guard let before = known[address] else { return false }
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
        known.withLock { known in
            for station in look.wire { known[station.address] = station.isProvable ? processes : nil }
        }
    }
}
