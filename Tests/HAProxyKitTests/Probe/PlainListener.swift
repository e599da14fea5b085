import Dispatch
import Glibc
import HAProxyKit
import SystemPackage

/// A TCP listener on loopback that speaks no TLS; it ends when the test lets go.
final class PlainListener: Sendable {
    /// What it does with a connection.
    enum Behaviour: Sendable {
        /// Leaves it in the kernel's queue for ever.
        case silent
        /// Has room for one connection only, and that is taken: the kernel drops whatever else arrives.
        case full
        /// Reads the first bytes, answers, and closes.
        case answers([UInt8])
        /// Closes at once.
        case closes
        /// Reads the first bytes and resets the connection.
        case resets
    }

    let address: ProbeAddress
    private let descriptors: [CInt]

    init(_ behaviour: Behaviour) throws {
        let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        guard let address = Self.listen(on: listener, backlog: 0) else { throw Errno(rawValue: errno) }
        self.address = address
        switch behaviour {
        case .silent: descriptors = [listener]
        case .full:
            let only = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
            guard unsafe Self.withLoopback(address.port, { unsafe connect(only, $0, $1) }) == 0 else {
                throw Errno(rawValue: errno)
            }
            descriptors = [listener, only]
        case .answers(let bytes):
            descriptors = [listener]
            Self.accept(on: listener) { connection in
                Self.readSomething(from: connection)
                _ = unsafe send(connection, bytes, bytes.count, CInt(MSG_NOSIGNAL))
            }
        case .closes:
            descriptors = [listener]
            Self.accept(on: listener) { _ in }
        case .resets:
            descriptors = [listener]
            Self.accept(on: listener) { connection in
                Self.readSomething(from: connection)
                var now = linger(l_onoff: 1, l_linger: 0)
                unsafe setsockopt(connection, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
            }
        }
    }

    deinit {
        for descriptor in descriptors {
            shutdown(descriptor, CInt(SHUT_RDWR))
            close(descriptor)
        }
    }

    private static func accept(on listener: CInt, then serve: @escaping @Sendable (CInt) -> Void) {
        // A serial queue has a thread at once; the global ones keep a test waiting where many others block.
        DispatchQueue(label: "plain listener").async {
            let connection = Glibc.accept(listener, nil, nil)
            guard connection >= 0 else { return }
            serve(connection)
            close(connection)
        }
    }

    private static func readSomething(from connection: CInt) {
        var bytes = [UInt8](repeating: 0, count: 4096)
        _ = unsafe recv(connection, &bytes, bytes.count, 0)
    }

    private static func listen(on descriptor: CInt, backlog: CInt) -> ProbeAddress? {
        guard unsafe withLoopback(0, { unsafe bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, backlog) == 0
        else {
            return nil
        }
        var bound = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = unsafe withUnsafeMutablePointer(to: &bound) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &size)
            }
        }
        return code == 0 ? ProbeAddress("127.0.0.1:\(UInt16(bigEndian: bound.sin_port))") : nil
    }

    private static func withLoopback<R>(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = port.bigEndian
        return unsafe withUnsafePointer(to: &address) { inet in
            unsafe inet.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
