internal import Glibc
public import SystemPackage

/// Listens on `path`; with a backlog of 0, a second connection that nobody accepts has to wait.
public func listen(on path: FilePath, backlog: CInt = 16) throws -> FileDescriptor {
    try unsafe withUnixSocket(path) { descriptor, address, size in
        unsafe bind(descriptor, address, size) == 0 && listen(descriptor, backlog) == 0
    }
}

/// Whether something accepts on `path`.
func accepts(_ path: FilePath) -> Bool {
    let connected = try? unsafe withUnixSocket(path) { unsafe connect($0, $1, $2) == 0 }
    return (try? connected?.close()) != nil
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
