internal import CLinux
internal import CertKit
internal import Glibc
internal import SystemPackage

/// A connection to a Unix stream socket that blocks its thread, but never beyond its deadline; closed when let go.
struct UnixConnection: ~Copyable {
    enum Failure: Error {
        case unusablePath
        case timedOut
        case system(Errno)
    }

    private let descriptor: CInt
    private let deadline: Deadline

    /// Connects to the socket at `path`.
    static func open(
        _ path: String, deadline: Deadline
    ) throws(Failure) -> UnixConnection {
        var address = sockaddr_un()
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard (1..<room).contains(path.utf8.count), !path.utf8.contains(0) else { throw .unusablePath }
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }

        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .system(Errno(rawValue: errno)) }
        let connection = UnixConnection(descriptor: descriptor, deadline: deadline)
        try connection.connect(to: address)
        return connection
    }

    private init(descriptor: CInt, deadline: Deadline) {
        self.descriptor = descriptor
        self.deadline = deadline
    }

    deinit { close(descriptor) }

    /// A full backlog makes `connect` wait as long as the send timeout allows, then fail with EAGAIN; there is nothing
    /// to poll for, which is why this socket stays a blocking one and the calls below say MSG_DONTWAIT.
    private func connect(to address: sockaddr_un) throws(Failure) {
        while true {
            let left = try millisecondsLeft()
            _ = certd_limit_sending(descriptor, left)
            let connected = unsafe withUnsafePointer(to: address) { unix in
                unsafe unix.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
                }
            }
            if connected { return }
            switch errno {
            case EINTR: continue
            case EAGAIN: throw .timedOut
            default: throw .system(Errno(rawValue: errno))
            }
        }
    }

    /// Writes all of `bytes`, or as much as the other end takes before it closes: it may have left an answer.
    func write(_ bytes: SecretBytes) throws(Failure) {
        try bytes.withSpan { span throws(Failure) in
            var written = 0
            while written < span.count {
                let count = unsafe span.withUnsafeBytes { buffer in
                    let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[written...])
                    return unsafe send(
                        descriptor, rest.baseAddress, rest.count, CInt(MSG_NOSIGNAL | MSG_DONTWAIT))
                }
                if count >= 0 {
                    written += count
                } else if errno == EPIPE || errno == ECONNRESET {
                    return
                } else {
                    try wait(for: POLLOUT, after: errno)
                }
            }
        }
    }

    /// Tells the other end that nothing more will come.
    func endWriting() { shutdown(descriptor, CInt(SHUT_WR)) }

    /// Appends what has come, at least a byte; false when the other end has closed.
    func read(appendingTo received: inout [UInt8]) throws(Failure) -> Bool {
        while true {
            let count = unsafe withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 1) { chunk in
                let count = unsafe recv(descriptor, chunk.baseAddress, chunk.count, CInt(MSG_DONTWAIT))
                if count > 0 { unsafe received.append(contentsOf: chunk[..<count]) }
                return count
            }
            if count > 0 { return true }
            // A reset is how a close with unread input looks from here.
            if count == 0 || errno == ECONNRESET { return false }
            try wait(for: POLLIN, after: errno)
        }
    }

    private func wait(for event: CInt, after error: CInt) throws(Failure) {
        guard error == EAGAIN || error == EINTR else { throw .system(Errno(rawValue: error)) }
        var waited = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        _ = unsafe poll(&waited, 1, try millisecondsLeft())
    }

    private func millisecondsLeft() throws(Failure) -> CInt {
        guard let left = deadline.milliseconds else { throw .timedOut }
        return left
    }
}
