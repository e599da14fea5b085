import CertKit
import HAProxyKit
import SystemPackage

/// Where one lineage is deployed to: its bundle, and the sockets of the HAProxy processes that load it.
struct BundleTarget: Equatable, Sendable {
    let lineage: Lineage
    let place: BundlePlace
    /// The sockets whose HAProxy has loaded the bundle, and those that did not answer and may have.
    ///
    /// Empty where none has loaded it although all answered: HAProxy does not know the name.
    let sockets: [LoadingSocket]
}

/// A bundle's path, and what the configuration says about it.
struct BundlePlace: Equatable, Sendable {
    let path: FilePath
    /// What HAProxy calls it where that is not the path: mostly it is, and there may be thousands.
    private let alias: String?
    /// The key's own file; nil where it stands in the bundle.
    var keyPath: FilePath?
    /// The names that the certificate must cover.
    var hosts: [String] = []
    var owner: String?
    var group: String?

    /// What HAProxy calls it.
    var name: String { alias ?? path.string }

    init(
        path: FilePath, name: String, keyPath: FilePath? = nil, hosts: [String] = [], owner: String? = nil,
        group: String? = nil
    ) {
        (self.path, self.keyPath, self.hosts, self.owner, self.group) = (path, keyPath, hosts, owner, group)
        alias = name == path.string ? nil : name
    }
}

/// An admin socket, and the name under which its HAProxy has loaded a bundle: byte by byte as HAProxy has it.
struct LoadingSocket: Equatable, Sendable {
    let socket: FilePath
    let name: String
}

/// What discovery needs to know of a leaf, on disk or in memory.
struct LeafFacts: Equatable, Sendable {
    /// What says that two certificates are the same one, in HAProxy's words: serial and SHA-1.
    let identity: String
    /// The DNS names in lower case.
    let names: [String]
    /// The kind of its key, which tells the two of an RSA and ECDSA pair apart.
    let algorithm: ProbeTarget.Algorithm

    /// Takes serial and SHA-1 as lower-case hex.
    init(serial: String, sha1: String, names: [String], algorithm: ProbeTarget.Algorithm = .any) {
        identity = "\(serial) \(sha1)"
        self.names = names.map { $0.lowercased() }
        self.algorithm = algorithm
    }
}

/// What an admin socket says.
struct SocketFacts: Equatable, Sendable {
    let socket: FilePath
    /// The certificates by HAProxy's name for them, in its order; nil where the socket did not answer.
    let loaded: [LoadedFacts]?
}

/// A certificate in HAProxy's memory; the leaf is nil where nobody asked for it, or HAProxy has none there.
struct LoadedFacts: Equatable, Sendable {
    let name: String
    var leaf: LeafFacts?
}

/// A lineage, and its leaf where it could be read.
struct LineageFacts: Equatable, Sendable {
    let lineage: Lineage
    let leaf: LeafFacts?
}

/// What discovery found for one lineage.
struct Assignment: Equatable, Sendable {
    let lineage: Lineage
    /// The target; nil where nothing says that the lineage has a bundle.
    let target: Result<BundleTarget?, DiscoveryError>
}
