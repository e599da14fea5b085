/// One address of a `bind` line.
public struct BindAddress: Sendable, Hashable {
    /// What stands behind an address.
    public enum Kind: Sendable, Hashable {
        /// TCP, which a probe reaches at this address: for a wildcard, on loopback; for a range, at its first port.
        case tcp(ProbeAddress)
        /// UDP for QUIC.
        case quic
        /// A Unix socket, in the file system or of the abstract name space.
        case unixSocket
        /// A socket that HAProxy inherits from whoever starts it.
        case inherited
        /// Something in an environment variable of HAProxy's.
        case variable
        /// Something this version of certd does not know.
        case unknown
    }

    /// As it is written.
    public let text: String
    /// What it stands for.
    public let kind: Kind

    /// Reads one address; a variable is recognised by its `$`, where the word holds one.
    init(_ text: String, mayHoldVariable: Bool = false) {
        self.text = text
        kind = mayHoldVariable && text.contains("$") ? .variable : Self.kind(of: text)
    }

    private static func kind(of text: String) -> Kind {
        guard let at = text.firstIndex(of: "@") else {
            return text.hasPrefix("/") ? .unixSocket : tcp(text[...], wildcard: "127.0.0.1")
        }
        let rest = text[text.index(after: at)...]
        switch text[..<at] {
        case "ipv4", "tcp4", "tcp", "mptcp4", "mptcp": return tcp(rest, wildcard: "127.0.0.1")
        case "ipv6", "tcp6", "mptcp6": return tcp(rest, wildcard: "::1")
        case "quic4", "quic6": return .quic
        case "unix", "abns", "abnsz": return .unixSocket
        case "fd", "sockpair": return .inherited
        default: return .unknown
        }
    }

    /// `HOST:PORT`, where the last colon begins the port, so that IPv6 needs no brackets, and no host or `*` is any
    /// address.
    private static func tcp(_ text: Substring, wildcard: String) -> Kind {
        guard let colon = text.lastIndex(of: ":"),
            let port = ProbeAddress.port(text[text.index(after: colon)...].prefix { $0 != "-" })
        else { return .unknown }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        switch host {
        case "", "*": return .tcp(ProbeAddress(host: wildcard, port: port))
        case "0.0.0.0": return .tcp(ProbeAddress(host: "127.0.0.1", port: port))
        case "::": return .tcp(ProbeAddress(host: "::1", port: port))
        default:
            let isHost = HostName.isPlain(host) || HostName.isIPv6(String(host))
            return isHost ? .tcp(ProbeAddress(host: String(host), port: port)) : .unknown
        }
    }
}
