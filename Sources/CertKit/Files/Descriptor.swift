internal import Glibc
internal import SystemPackage

/// Sole owner of an open file descriptor; closed when it goes.
struct Descriptor: ~Copyable, Sendable {
    let file: FileDescriptor

    /// Opens `name` relative to `directory`, closed in children, and tries again when a signal interrupts.
    init(
        opening name: FilePath, in directory: FileDescriptor = .workingDirectory, flags: CInt,
        permissions: FilePermissions = []
    ) throws(Errno) {
        let opened = try retryingInterrupted {
            unsafe name.withPlatformString {
                unsafe openat(directory.rawValue, $0, flags | O_CLOEXEC, permissions.rawValue)
            }
        }
        file = FileDescriptor(rawValue: opened)
    }

    /// Takes over what the system gave; nil where that is no descriptor.
    init?(adopting opened: CInt) {
        guard opened >= 0 else { return nil }
        file = FileDescriptor(rawValue: opened)
    }

    deinit { try? file.close() }
}

extension FileDescriptor {
    /// Stands for the working directory in calls that are relative to a directory.
    static var workingDirectory: FileDescriptor { FileDescriptor(rawValue: AT_FDCWD) }
}

/// Makes a system call again as long as a signal interrupts it.
///
/// - Throws: What the call says when it gives -1.
@discardableResult
func retryingInterrupted<Result: SignedInteger>(_ call: () -> Result) throws(Errno) -> Result {
    while true {
        let result = call()
        if result != -1 { return result }
        let failure = Errno(rawValue: errno)
        guard failure == .interrupted else { throw failure }
    }
}
