public import SystemPackage

/// One `bind … ssl` line: where HAProxy serves TLS, and with which certificates.
public struct Listener: Sendable, Hashable {
    /// A certificate that the line loads.
    public struct LoadedName: Sendable, Hashable {
        /// Exactly as the Runtime API calls it.
        public let name: String
        /// The names that a crt-list line limits it to, `!` before those it excludes; empty where its own names count.
        public let serverNameFilters: [String]
        /// The file behind the name, by its absolute path; nil for a name of a crt-store that no section here has.
        public let file: FilePath?
        /// The key's file, where a crt-store names one.
        public var keyFile: FilePath?
        /// The companions that a crt-store names: beside its certificates HAProxy looks for none by itself.
        var storedCompanions: [Companion: FilePath]?
    }

    /// A set of certificates that the Runtime API can add to while HAProxy runs.
    public struct CertificateList: Sendable, Hashable {
        /// As `add ssl crt-list` takes it: the crt-list file, or the directory without a final `/`.
        public let name: String
        /// Whether it is a directory, of which HAProxy loads every file.
        public let isDirectory: Bool
    }

    /// The section it stands in, by kind and name: `frontend https`.
    public let section: String
    /// The file it stands in.
    public let file: String
    /// The line it stands on, counted from 1.
    public let line: Int
    /// Where it listens.
    public let addresses: [BindAddress]
    /// The certificates it loads, in its order.
    public let certificates: [LoadedName]
    /// The directories and crt-lists it loads.
    public let lists: [CertificateList]
    /// Arguments of `crt` and `crt-list` that hold environment variables: what they load, only HAProxy knows.
    public let unresolved: [String]
    /// What keeps a handshake from proving anything on all of its addresses.
    var obstacle: Provability?
}

extension Listener {
    /// Whether a handshake can prove what the line serves, and if not, why.
    public enum Provability: Sendable, Hashable, CaseIterable {
        /// A handshake on ``Listener/probeAddresses`` proves it.
        case provable
        /// The PROXY or NetScaler protocol comes before the handshake.
        case proxyProtocol
        /// Clients without a certificate are turned away.
        case clientCertificates
        /// It listens on one interface or in another network namespace.
        case elsewhere
        /// It depends on an `.if` that only HAProxy can decide.
        case conditional
        /// Its section is disabled.
        case disabled
        /// It speaks QUIC only.
        case quic
        /// It listens on a Unix socket.
        case unixSocket
        /// It listens on an inherited socket, whose address only its starter knows.
        case inherited
        /// Its address is in an environment variable.
        case variable
        /// Its address is of a kind that this version does not know.
        case unknownAddress
    }

    /// Whether a handshake can prove what the line serves; for all of its addresses at once.
    public var provability: Provability {
        if let obstacle { return obstacle }
        let each = addresses.map(\.provability)
        return each.contains(.provable) ? .provable : each.first ?? .unknownAddress
    }

    /// Where to make the handshakes, wildcards on loopback; none unless ``provability`` is provable.
    public var probeAddresses: [ProbeAddress] {
        guard provability == .provable else { return [] }
        return addresses.compactMap { address in
            guard case .tcp(let target) = address.kind else { return nil }
            return target
        }
    }
}

extension Listener.Provability: CustomStringConvertible {
    /// The reason as an operator would say it.
    public var description: String {
        switch self {
        case .provable: "a handshake proves it"
        case .proxyProtocol: "the bind line expects the PROXY protocol"
        case .clientCertificates: "the bind line requires client certificates"
        case .elsewhere: "the bind line is limited to an interface or a network namespace"
        case .conditional: "the bind line stands between .if and .endif"
        case .disabled: "the section is disabled"
        case .quic: "the bind line speaks QUIC"
        case .unixSocket: "the bind line listens on a Unix socket"
        case .inherited: "the bind line listens on an inherited socket"
        case .variable: "the bind line takes its address from an environment variable"
        case .unknownAddress: "the bind line has an address of an unknown kind"
        }
    }
}

extension BindAddress {
    fileprivate var provability: Listener.Provability {
        switch kind {
        case .tcp: .provable
        case .quic: .quic
        case .unixSocket: .unixSocket
        case .inherited: .inherited
        case .variable: .variable
        case .unknown: .unknownAddress
        }
    }
}
