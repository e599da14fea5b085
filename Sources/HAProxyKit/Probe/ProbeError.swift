public import CertKit

/// Why a handshake did not show a certificate.
@nonexhaustive
public enum ProbeError: Diagnosis, Equatable {
    /// How far a probe had come.
    public enum Phase: String, Sendable {
        /// The TCP connection was not there yet.
        case connecting = "connecting"
        /// The TCP connection was there.
        case handshake = "the handshake"
    }

    /// The resolver does not know the host.
    case unresolved(ProbeAddress, reason: String)
    /// Nothing listens there.
    case refused(ProbeAddress)
    /// The network does not lead there.
    case unreachable(ProbeAddress, reason: String)
    /// The time ran out.
    case timedOut(ProbeAddress, during: Phase, after: Duration)
    /// The peer closed or reset the connection before it had shown a certificate.
    case closed(ProbeAddress)
    /// The peer speaks, but not TLS.
    case notTLS(ProbeAddress)
    /// The peer refused the handshake with an alert of this name (RFC 8446 section 6).
    case alert(ProbeAddress, serverName: String, name: String)
    /// The peer wants a certificate from us; before TLS 1.3 the handshake fails without one.
    case clientCertificateRequired(ProbeAddress)
    /// The handshake came about without a certificate.
    case noCertificate(ProbeAddress)
    /// The peer sends more than `limit` bytes of certificates.
    case chainTooLarge(ProbeAddress, limit: Int)
    /// The name cannot be sent in a handshake.
    case unusableServerName(ProbeAddress, serverName: String)
    /// libssl gave up for another reason.
    case failed(ProbeAddress, reason: String)
}

extension ProbeError {
    /// Whether the address accepted the TCP connection: something serves there, whatever it is.
    public var wasAccepted: Bool {
        switch self {
        case .unresolved, .refused, .unreachable, .timedOut(_, during: .connecting, after: _), .unusableServerName:
            false
        case .timedOut, .closed, .notTLS, .alert, .clientCertificateRequired, .noCertificate, .chainTooLarge, .failed:
            true
        }
    }

    /// The address that was probed.
    public var address: ProbeAddress {
        switch self {
        case .unresolved(let address, _), .refused(let address), .unreachable(let address, _),
            .timedOut(let address, _, _), .closed(let address), .notTLS(let address), .alert(let address, _, _),
            .clientCertificateRequired(let address), .noCertificate(let address), .chainTooLarge(let address, _),
            .unusableServerName(let address, _), .failed(let address, _):
            address
        }
    }

    /// Always the rule for a handshake that did not come about.
    public var findingID: FindingID { .wireUnreachable }
    /// The address that was probed.
    public var location: String? { address.description }

    /// What failed, at which address.
    public var description: String {
        switch self {
        case .unresolved(_, let reason): "\(address): the host name is not known: \(reason)"
        case .refused: "\(address): nothing listens there"
        case .unreachable(_, let reason): "\(address): cannot be reached: \(reason)"
        case .timedOut(_, let phase, let timeout): "\(address): no answer within \(timeout), during \(phase.rawValue)"
        case .closed: "\(address): the connection was closed during the handshake"
        case .notTLS: "\(address): what answers there does not speak TLS"
        case .alert(_, let serverName, let name):
            "\(address): the server refuses the handshake for '\(serverName)' with the alert '\(name)'"
        case .clientCertificateRequired: "\(address): the server wants a client certificate"
        case .noCertificate: "\(address): the server shows no certificate"
        case .chainTooLarge(_, let limit): "\(address): the server sends more than \(limit) bytes of certificates"
        case .unusableServerName(_, let name): "\(address): '\(name)' cannot be sent as a server name"
        case .failed(_, let reason): "\(address): the handshake failed: \(reason)"
        }
    }

    /// What to look at, naming a command.
    public var remedy: String {
        switch self {
        case .unresolved: "try 'getent hosts \(address.host)', or probe an IP address"
        case .refused: "see what listens with 'ss -ltnp' and whether HAProxy runs with 'systemctl status haproxy'"
        case .unreachable: "try 'ip route get \(address.host)'"
        case .timedOut: "see whether a firewall drops packets and HAProxy is alive: 'systemctl status haproxy'"
        case .closed:
            "a bind line with accept-proxy closes plain handshakes: see 'grep -n bind /etc/haproxy/haproxy.cfg'"
        case .notTLS: "see what listens there with 'ss -ltnp', and whether its bind line says 'ssl'"
        case .alert(_, let serverName, _):
            "perhaps no certificate there fits the name or the kind of key: try "
                + "'openssl s_client -connect \(address) -servername \(serverName)'"
        case .clientCertificateRequired: "probe an address whose bind line does not say 'verify required'"
        case .noCertificate, .failed: "try 'openssl s_client -connect \(address)'"
        case .chainTooLarge: "count them with 'openssl s_client -connect \(address) -showcerts'"
        case .unusableServerName:
            "a server name is a DNS name in ASCII: see the certificate's names with 'certd check -o json'"
        }
    }
}
