internal import Dispatch
internal import Glibc
public import SystemPackage

/// Listens on `path`; with a backlog of 0, a second connection that nobody accepts has to wait.
public func listen(on path: FilePath, backlog: CInt = 16) throws -> FileDescriptor {
    try unsafe withUnixSocket(path) { descriptor, address, size in
        unsafe bind(descriptor, address, size) == 0 && listen(descriptor, backlog) == 0
    }
}

/// Whether a HAProxy answers on `path`.
func answers(_ path: FilePath) -> Bool { (try? ask(path, "show info"))?.isEmpty == false }

/// Sends one command to HAProxy's Runtime API, as an administrator would with socat, and gives the answer.
///
/// - Throws: `Errno`, `EAGAIN` where HAProxy says nothing for 30 seconds.
public func askHAProxy(at path: FilePath, _ command: String) async throws -> String {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue(label: "asking haproxy").async {
            continuation.resume(with: Result { try ask(path, command) })
        }
    }
}

private func ask(_ path: FilePath, _ command: String) throws -> String {
    let connection = try unsafe withUnixSocket(path) { unsafe connect($0, $1, $2) == 0 }
    return try connection.closeAfter {
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        unsafe setsockopt(
            connection.rawValue, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let question = Array("\(command)\n".utf8)
        let sent = unsafe send(connection.rawValue, question, question.count, CInt(MSG_NOSIGNAL))
        guard sent == question.count else { throw Errno(rawValue: errno) }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe recv(connection.rawValue, &chunk, chunk.count, 0)
            guard count >= 0 else { throw Errno(rawValue: errno) }
            guard count > 0 else { return String(decoding: answer, as: UTF8.self) }
            answer += chunk[..<count]
        }
    }
}

/// A new socket for which `call` has succeeded with the address of `path`.
private func withUnixSocket(
    _ path: FilePath, _ call: (CInt, UnsafePointer<sockaddr>, socklen_t) -> Bool
) throws -> FileDescriptor {
    let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.string.utf8) }
    let succeeded = unsafe withUnsafePointer(to: &address) { unix in
        unsafe unix.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe call(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
    guard succeeded else {
        let reason = Errno(rawValue: errno)
        close(descriptor)
        throw reason
    }
    return FileDescriptor(rawValue: descriptor)
}
