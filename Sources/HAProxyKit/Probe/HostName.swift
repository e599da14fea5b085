internal import Glibc

/// What a text can be as the name of a host.
enum HostName {
    /// Whether it is made of letters, digits, `-`, `.` and `_` only, so that it can be sent, looked up and shown as it is.
    static func isPlain(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { isAlphanumeric($0) || [0x2d, 0x2e, 0x5f].contains($0) }
    }

    /// Whether it is an IP address, of which the resolver need not be asked.
    static func isAddress(_ text: String) -> Bool { isIPv4(text) || isIPv6(text) }

    /// Four decimal numbers with dots.
    static func isIPv4(_ text: String) -> Bool {
        var address = in_addr()
        return unsafe inet_pton(AF_INET, text, &address) == 1
    }

    /// RFC 4291 section 2.2, without brackets and without a zone.
    static func isIPv6(_ text: String) -> Bool {
        var address = in6_addr()
        return unsafe inet_pton(AF_INET6, text, &address) == 1
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
