import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage

/// The three stations behind the lineage, as they were when looked at.
struct Observation: Sendable {
    var bundle: BundleStation
    var memory: [MemoryStation]
    var wire: [WireStation]

    /// The bundle on disk.
    struct BundleStation: Sendable {
        let path: FilePath
        let content: Result<InstalledBundle, any Error>
    }

    /// One HAProxy process, and what it has loaded under the bundle's name.
    struct MemoryStation: Sendable {
        let socket: String
        let name: String
        let process: HAProxyProcess?
        let loaded: Result<LoadedCertificate?, RuntimeError>
        /// The directory or crt-list that HAProxy's configuration loads the name from, as `add ssl crt-list` takes it.
        let list: String?
        /// Where HAProxy looks for companions of the certificate.
        var companions: [Companion: FilePath] = [:]
    }

    /// Where a handshake is made, and the name that it asks for.
    struct WirePlace: Hashable, Sendable {
        let address: ProbeAddress
        let serverName: String
    }

    /// One address, and what a handshake there shows.
    struct WireStation: Sendable {
        let address: ProbeAddress
        let serverName: String
        let served: Result<ServedChain, ProbeError>
        /// Why this address can prove nothing for the lineage, where that is so.
        let notProvable: String?
        /// Whether HAProxy's memory holds, under the bundle's name, the leaf that was shown.
        let showsMemory: Bool
    }
}

/// The stations behind the lineage, in the order in which a certificate passes them.
enum Station: Int, Comparable, Sendable {
    case bundle, memory, wire

    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// How a station stands to the lineage's leaf; the words of the JSON document.
enum StationState: String, Sendable {
    case inSync = "in-sync"
    case stale
    case missing
    case unreachable
    case notConfigured = "not-configured"
}

extension Observation.BundleStation {
    /// The bundle that stands there, if it can be read.
    var installed: InstalledBundle? { try? content.get() }

    /// Compared by the leaf; other bytes of the same leaf are in sync, and rewritten by the next deployment.
    func state(of leaf: Certificate) -> StationState {
        switch content {
        case .success(let installed): installed.leaf == leaf && installed.hasKey ? .inSync : .stale
        case .failure(let error as FileError) where error.isMissing: .missing
        case .failure: .unreachable
        }
    }
}

extension Observation.MemoryStation {
    /// Whether HAProxy is not running behind this socket, as opposed to refusing us.
    var isDown: Bool {
        if case .failure(let error) = loaded { error.isDown } else { false }
    }

    /// Whether the name serves nobody although it could be added to a directory or crt-list: HAProxy does not know it
    /// yet, or a run that was killed has not listed it.
    var needsListing: Bool {
        guard list != nil, case .success(let certificate) = loaded else { return false }
        return certificate?.status != .used
    }

    /// Whether both are one name of one process or its successor: a process may have loaded a file under several.
    func isSame(as other: Self) -> Bool { socket == other.socket && name.utf8.elementsEqual(other.name.utf8) }

    /// The same with something else loaded.
    func loading(_ certificate: LoadedCertificate?) -> Self {
        .init(
            socket: socket, name: name, process: process, loaded: .success(certificate), list: list,
            companions: companions)
    }

    /// What is loaded, if it is known.
    var certificate: LoadedCertificate? { (try? loaded.get()) ?? nil }

    /// Compared by serial, SHA-1 and the chain's subjects.
    func state(of leaf: Certificate, chain: [Certificate]) -> StationState {
        switch loaded {
        case .success where needsListing: .missing
        case .success(let certificate?): certificate.holds(leaf, chain: chain) ? .inSync : .stale
        case .success(nil): .missing
        case .failure: .unreachable
        }
    }
}

extension LoadedCertificate {
    /// Whether this is the leaf with this chain, as far as HAProxy tells.
    func holds(_ leaf: Certificate, chain: [Certificate]) -> Bool {
        isLeaf(leaf) && chainSubjects == chain.map(\.subject.oneLine)
    }

    /// Whether this is the leaf, whatever its chain.
    func isLeaf(_ leaf: Certificate) -> Bool {
        self.leaf?.serial == leaf.serial.description && self.leaf?.sha1 == hexadecimal(leaf.sha1)
    }
}

extension Observation.WireStation {
    /// Where that is.
    var place: Observation.WirePlace { .init(address: address, serverName: serverName) }

    /// Whether a handshake here proves what HAProxy serves for the lineage: nothing speaks against it, and it has shown
    /// what is in HAProxy's memory. Another leaf may come from a second HAProxy, or from a certificate of the same bind
    /// line that has been chosen for this name until now; no renewal is held back for either.
    var isProvable: Bool { notProvable == nil && showsMemory }

    /// Whether anything accepts connections there.
    var accepts: Bool {
        switch served {
        case .success: true
        case .failure(let error): error.wasAccepted
        }
    }

    /// Compared by the leaf's SHA-256.
    func state(of leaf: Certificate) -> StationState {
        switch served {
        case .success(let chain): chain.leafFingerprint == leaf.fingerprint ? .inSync : .stale
        case .failure: .unreachable
        }
    }
}

extension Observation.MemoryStation {
    /// Whether HAProxy has loaded exactly this bundle.
    func holds(_ bundle: Bundle) -> Bool { state(of: bundle.leaf, chain: bundle.chain) == .inSync }
}

extension Observation {
    /// How the stations differ from `candidate`; not at all where all show it and the bundle has its bytes.
    ///
    /// A socket where nothing listens and an address that proves nothing cannot differ.
    func differences(from candidate: Candidate) -> [StationDifference] {
        let leaf = candidate.bundle.leaf
        var found: [StationDifference] = []
        if bundle.installed?.isExactly(candidate.bundle) != true {
            found.append(.init(station: "bundle", place: bundle.path.string, state: bundle.state(of: leaf)))
        }
        for station in memory where !station.isDown && !station.holds(candidate.bundle) {
            let state = station.state(of: leaf, chain: candidate.bundle.chain)
            found.append(.init(station: "memory", place: "\(station.name) on \(station.socket)", state: state))
        }
        for station in wire where station.isProvable && station.state(of: leaf) != .inSync {
            found.append(.init(station: "wire", place: station.address.description, state: station.state(of: leaf)))
        }
        return found
    }
}

extension Observation {
    /// What addresses that prove nothing show, though they serve the bundle: nothing that a deployment would change.
    func doubts(about lineage: Lineage) -> [Finding] {
        wire.filter { !$0.showsMemory }.flatMap { $0.findings(for: lineage.name, memory: memory) }.withoutRepetitions
    }
}

/// A station that does not show what the lineage holds.
struct StationDifference: Sendable {
    let station: String
    let place: String
    let state: StationState
}

extension StationDifference: CustomStringConvertible {
    /// Where, and what stands there.
    var description: String {
        let what =
            switch state {
            case .inSync: "the same leaf in other bytes"
            case .stale: "another leaf"
            case .missing: "nothing"
            case .unreachable: "something that cannot be read"
            case .notConfigured: "not configured"
            }
        return "\(station.padding(to: 7)) \(place): \(what)"
    }
}
