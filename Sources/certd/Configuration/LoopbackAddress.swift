import Glibc
import HAProxyKit

/// An address of this host's own, and a TCP port: nobody elsewhere can connect to it.
struct LoopbackAddress: Equatable, Sendable {
    /// An IPv4 address below 127.0.0.0/8, or `::1`.
    let host: String
    let port: UInt16

    /// Parses `127.0.0.1:9793` or `[::1]:9793`.
    ///
    /// - Throws: ``Refusal``.
    init(_ text: String) throws(Refusal) {
        guard let address = ProbeAddress(text) else { throw .noAddress(text) }
        guard LoopbackAddress.isLoopback(address.host) else {
            throw LoopbackAddress.isNumeric(address.host) ? .reachable(text) : .name(text)
        }
        (host, port) = (address.host, address.port)
    }

    /// Why something is none.
    enum Refusal: Error, Equatable, CustomStringConvertible {
        case noAddress(String)
        /// Which address a name stands for is another file's matter.
        case name(String)
        /// Others than this host could connect.
        case reachable(String)

        var description: String {
            switch self {
            case .noAddress(let text): "\"\(text)\" is not an address with a port, such as 127.0.0.1:9793 or [::1]:9793"
            case .name(let text): "\"\(text)\" has a name in it; write an address such as 127.0.0.1:9793 or [::1]:9793"
            case .reachable(let text):
                "\"\(text)\" can be reached from other hosts; the page has no password, so only 127.0.0.0/8 and ::1 are "
                    + "possible, with a proxy that asks for one in front"
            }
        }
    }

    /// Whether `host` is an address that only this host reaches.
    static func isLoopback(_ host: some StringProtocol) -> Bool {
        let host = String(host)
        var four = in_addr()
        if unsafe inet_pton(AF_INET, host, &four) == 1 { return UInt32(bigEndian: four.s_addr) >> 24 == 127 }
        var six = in6_addr()
        guard unsafe inet_pton(AF_INET6, host, &six) == 1 else { return false }
        return unsafe withUnsafeBytes(of: &six) { unsafe $0.dropLast().allSatisfy { $0 == 0 } && $0.last == 1 }
    }

    private static func isNumeric(_ host: String) -> Bool {
        var (four, six) = (in_addr(), in6_addr())
        return unsafe inet_pton(AF_INET, host, &four) == 1 || inet_pton(AF_INET6, host, &six) == 1
    }
}

extension LoopbackAddress: CustomStringConvertible {
    /// `HOST:PORT`, as ``init(_:)`` takes it.
    var description: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
