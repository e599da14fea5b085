import Glibc
import SystemPackage

/// A socket for datagrams to one Unix address; closed when let go.
final class DatagramSocket: Sendable {
    private let descriptor: CInt
    private let address: sockaddr_un
    private let length: socklen_t

    /// Nil where `path` is no address or there is no socket to be had; `@` in front stands for an abstract one.
    init?(to path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(path.utf8)
        let isAbstract = bytes.first == UInt8(ascii: "@")
        guard isAbstract || bytes.first == UInt8(ascii: "/"), bytes.count < MemoryLayout.size(ofValue: address.sun_path)
        else { return nil }
        if isAbstract { bytes[0] = 0 }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        // An abstract name is all bytes up to the length; a path ends with a zero.
        let named = bytes.count + (isAbstract ? 0 : 1)
        let opened = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard opened >= 0 else { return nil }
        descriptor = opened
        self.address = address
        length = socklen_t((MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2) + named)
    }

    deinit { close(descriptor) }

    /// Sends one datagram without waiting; false where it was not taken.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        let sent = unsafe withUnsafePointer(to: address) { unix in
            unsafe unix.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe sendto(
                    descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL | MSG_DONTWAIT), $0, length)
            }
        }
        return sent == bytes.count
    }
}
