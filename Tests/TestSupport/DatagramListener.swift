internal import Dispatch
internal import Glibc
internal import SystemPackage

/// A Unix datagram socket that hears what is sent to it, as systemd and journald do.
public final class DatagramListener: Sendable {
    /// What was sent, a message each.
    public let heard: Spoken
    private let descriptor: FileDescriptor

    /// Listens on a path, or on an abstract address where `address` begins with `@`.
    public init(on address: String) throws {
        let descriptor = try datagramSocket(on: address)
        let heard = Spoken(address)
        (self.descriptor, self.heard) = (descriptor, heard)
        DispatchQueue(label: "datagrams").async {
            var bytes = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = unsafe recv(descriptor.rawValue, &bytes, bytes.count, 0)
                guard count > 0 else { break }
                heard.add(String(decoding: bytes[..<count], as: UTF8.self))
            }
            try? descriptor.close()
            heard.end()
        }
    }

    // Wakes the queue out of its recv.
    deinit { shutdown(descriptor.rawValue, CInt(SHUT_RDWR)) }
}

private func datagramSocket(on address: String) throws -> FileDescriptor {
    let descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    let bytes = address.hasPrefix("@") ? [0] + Array(address.utf8.dropFirst()) : Array(address.utf8) + [0]
    unsafe withUnsafeMutableBytes(of: &name.sun_path) { unsafe $0.copyBytes(from: bytes) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
    let isBound = unsafe withUnsafePointer(to: &name) { unix in
        unsafe unix.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(descriptor, $0, length) == 0 }
    }
    guard isBound else { throw Errno(rawValue: errno) }
    return FileDescriptor(rawValue: descriptor)
}
