/// One handshake to make: where, for which name, and with which kind of key.
public struct ProbeTarget: Hashable, Sendable {
    /// The kind of key that the server's certificate must have.
    ///
    /// A server with an RSA and an ECDSA certificate for one name is proven by two handshakes, one for each.
    public enum Algorithm: Sendable, Hashable, CaseIterable {
        /// Whatever the server prefers.
        case any
        /// RSA signatures only.
        case rsa
        /// ECDSA signatures only.
        case ecdsa
    }

    /// Where to connect to.
    public let address: ProbeAddress
    /// The name for server name indication (RFC 6066); an IP address or an empty name is not sent.
    public let serverName: String
    /// The kind of key that the served certificate must have.
    public let algorithm: Algorithm
    /// How long connecting and the handshake may take together; resolving a name counts, but ends by the resolver's own
    /// limits (`/etc/resolv.conf`).
    public let timeout: Duration

    /// Makes a target.
    public init(
        _ address: ProbeAddress, serverName: String, algorithm: Algorithm = .any, timeout: Duration = .seconds(5)
    ) {
        self.address = address
        self.serverName = serverName
        self.algorithm = algorithm
        self.timeout = timeout
    }

    /// The name to send: without a final dot, and none for an IP address (RFC 6066 section 3).
    var serverNameIndication: String? {
        let name = serverName.hasSuffix(".") ? String(serverName.dropLast()) : serverName
        return name.isEmpty || HostName.isAddress(name) ? nil : name
    }
}
