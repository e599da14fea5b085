/// Where a handshake goes to: a name or an IP address, and a TCP port.
public struct ProbeAddress: Hashable, Sendable {
    /// A host name, an IPv4 address, or an IPv6 address without brackets.
    public let host: String
    /// The TCP port.
    public let port: UInt16

    init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Parses `HOST:PORT`; an IPv6 address stands in brackets. Nil for anything else.
    public init?(_ text: some StringProtocol) {
        guard let colon = text.lastIndex(of: ":"), let port = Self.port(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.first == "[", host.last == "]" {
            host = host.dropFirst().dropLast()
            guard HostName.isIPv6(String(host)) else { return nil }
        } else {
            guard HostName.isPlain(host) else { return nil }
        }
        self.init(host: String(host), port: port)
    }

    /// Decimal digits only: `UInt16` would take a sign too.
    static func port(_ text: some StringProtocol) -> UInt16? {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return UInt16(text).flatMap { $0 == 0 ? nil : $0 }
    }
}

extension ProbeAddress: CustomStringConvertible {
    /// `HOST:PORT`, as ``init(_:)`` takes it.
    public var description: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
