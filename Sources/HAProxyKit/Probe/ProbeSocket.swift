internal import Glibc
internal import SystemPackage

/// Sole owner of one TCP connection on which every wait ends at one deadline.
struct ProbeSocket: ~Copyable {
    private let descriptor: CInt
    private let deadline: Deadline

    /// Why an operation did not come about.
    enum Failure: Error, Equatable {
        case timedOut
        case system(Errno)
    }

    private init(adopting descriptor: CInt, deadline: Deadline) {
        self.descriptor = descriptor
        self.deadline = deadline
    }

    deinit { close(descriptor) }

    /// Connects to the first of `addresses` that accepts; fails as the last one failed.
    static func connect(
        to addresses: borrowing ResolvedAddresses, by deadline: Deadline
    ) throws(Failure) -> ProbeSocket {
        var last = Failure.system(.addressNotAvailable)
        var next: UnsafeMutablePointer<addrinfo>? = unsafe addresses.first
        while let candidate = unsafe next {
            do throws(Failure) {
                return try unsafe connect(to: candidate.pointee, by: deadline)
            } catch {
                last = error
            }
            unsafe next = candidate.pointee.ai_next
        }
        throw last
    }

    private static func connect(
        to address: addrinfo, by deadline: Deadline
    ) throws(Failure) -> ProbeSocket {
        let flags = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = unsafe Glibc.socket(address.ai_family, flags, 0)
        guard descriptor >= 0 else { throw .system(Errno(rawValue: errno)) }
        let socket = ProbeSocket(adopting: descriptor, deadline: deadline)
        if unsafe Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 { return socket }
        // An interrupted connect goes on by itself, as one that has just begun does (POSIX).
        guard errno == EINPROGRESS || errno == EINTR else { throw .system(Errno(rawValue: errno)) }
        try socket.wait(for: POLLOUT)
        try socket.throwPendingError()
        return socket
    }

    /// Sends all of `bytes`; a peer that is gone is an error, never a SIGPIPE.
    func send(_ bytes: Span<UInt8>) throws(Failure) {
        var rest = bytes
        while !rest.isEmpty {
            let sent = unsafe rest.withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            if sent >= 0 {
                rest = rest.extracting(droppingFirst: sent)
            } else {
                try waitAfterError(for: POLLOUT)
            }
        }
    }

    /// Waits for bytes; none come when the peer has closed.
    func receive() throws(Failure) -> [UInt8] {
        while true {
            var received = 0
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 16 << 10) { buffer, count in
                received = unsafe Glibc.recv(descriptor, buffer.baseAddress, buffer.count, 0)
                count = max(received, 0)
            }
            if received >= 0 { return bytes }
            try waitAfterError(for: POLLIN)
        }
    }

    /// Tells the peer that nothing more will come.
    func finishSending() {
        shutdown(descriptor, CInt(SHUT_WR))
    }

    private func waitAfterError(for event: CInt) throws(Failure) {
        switch errno {
        case EAGAIN: try wait(for: event)
        case EINTR: return
        default: throw .system(Errno(rawValue: errno))
        }
    }

    private func wait(for event: CInt) throws(Failure) {
        var entry = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        while true {
            guard let left = deadline.milliseconds else { throw .timedOut }
            let ready = unsafe poll(&entry, 1, left)
            if ready > 0 { return }
            if ready < 0, errno != EINTR { throw .system(Errno(rawValue: errno)) }
        }
    }

    private func throwPendingError() throws(Failure) {
        var code: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        if unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) != 0 { code = errno }
        guard code == 0 else { throw .system(Errno(rawValue: code)) }
    }
}
