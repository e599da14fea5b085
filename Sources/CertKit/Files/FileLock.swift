internal import Glibc
public import SystemPackage

/// Sole owner of a lock that every process of this host respects; the lock is free when the owner is gone, by a crash too.
///
/// It is a `flock` on a file that is never deleted: whoever deletes it lets two processes lock two files of one name.
public struct FileLock: ~Copyable, Sendable {
    private let descriptor: Descriptor

    /// Locks the file at `path`, which is made where it is missing and never written: the kernel knows who holds it.
    ///
    /// Root gives the file to the owner of its directory, so that a daemon without privileges can lock it next.
    /// - Throws: ``LockError``, naming the holder once `limit` is over on `clock`; `CancellationError`.
    public static func acquire(
        at path: FilePath, within limit: Duration, on clock: some Clock<Duration>
    ) async throws -> FileLock {
        let descriptor = try openLockFile(at: path)
        let start = clock.now
        while try !lockNow(descriptor, path) {
            let waited = start.duration(to: clock.now)
            guard waited < limit else { throw LockError.held(path: path, by: holder(of: path), waited: waited) }
            // There is no event to wait for: a blocking flock has no deadline and cannot be cancelled, and inotify tells
            // of a close before the kernel frees the lock. Deployments are seconds apart, so a look now and then will do.
            try await clock.sleep(for: min(.milliseconds(50), limit - waited))
        }
        return FileLock(descriptor: descriptor)
    }

    /// Who holds the lock, as the kernel tells; nil where nobody does or it cannot be told.
    public static func holder(of path: FilePath) -> LockHolder? {
        guard let inode = try? Stat(path).inode.rawValue, let locks = readKernelFile(at: "/proc/locks") else {
            return nil
        }
        for lock in locks.split(separator: "\n") {
            // 3: FLOCK  ADVISORY  WRITE 32009 fe:00:16336240 0 EOF; a waiter's line has -> behind the number.
            let fields = lock.split(separator: " ")
            guard fields.count > 5, fields[1] == "FLOCK", fields[5].split(separator: ":").last == "\(inode)",
                let pid = Int32(fields[4]), let command = command(of: pid)
            else { continue }
            return LockHolder(pid: pid, command: command)
        }
        return nil
    }

    /// The program and its first argument, such as `certd hook`; nil where there is no such process.
    ///
    /// The kernel names who took the lock. That may have ended since, and a child of it have the lock; and it has no number
    /// here where it runs in another container.
    private static func command(of pid: Int32) -> String? {
        let arguments = readKernelFile(at: FilePath("/proc/\(pid)/cmdline"))?.split(separator: "\0")
        guard let arguments, let program = arguments.first.flatMap({ FilePath(String($0)).lastComponent }) else {
            return nil
        }
        return ([program.string] + arguments.dropFirst().prefix(1).map(String.init)).joined(separator: " ")
    }

    /// Frees the lock, which letting it go does as well.
    public consuming func release() {}

    private static func openLockFile(at path: FilePath) throws(LockError) -> Descriptor {
        do throws(Errno) {
            // O_NONBLOCK, because opening a named pipe would wait for its other end.
            let flags = O_RDONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK
            let opened = try Descriptor(opening: path, flags: flags, permissions: .readableByAll)
            let stat = try Stat(opened.file)
            // With a second name it could be any file, put here by whoever owns the directory to have it overwritten.
            guard stat.type == .regular, stat.linkCount == 1 else { throw Errno.tooManyLinks }
            let directory = path.removingLastComponent()
            try opened.giveToOwner(of: directory.isEmpty ? "." : directory, stat)
            return opened
        } catch .tooManyLinks {
            throw .notALockFile(path: path)
        } catch {
            throw .failed(path: path, error)
        }
    }

    private static func lockNow(_ descriptor: borrowing Descriptor, _ path: FilePath) throws(LockError) -> Bool {
        let file = descriptor.file
        do throws(Errno) {
            try retryingInterrupted { flock(file.rawValue, LOCK_EX | LOCK_NB) }
            return true
        } catch .wouldBlock {
            return false
        } catch {
            throw .failed(path: path, error)
        }
    }
}

extension FilePermissions {
    fileprivate static var readableByAll: FilePermissions { [.ownerReadWrite, .groupRead, .otherRead] }
}

extension Descriptor {
    fileprivate borrowing func giveToOwner(of directory: FilePath, _ stat: Stat) throws(Errno) {
        guard geteuid() == 0 else { return }
        let file = file
        let parent = try Stat(directory)
        if (stat.userID, stat.groupID) != (parent.userID, parent.groupID) {
            try retryingInterrupted { fchown(file.rawValue, parent.userID.rawValue, parent.groupID.rawValue) }
        }
        if stat.permissions != .readableByAll {
            try retryingInterrupted { fchmod(file.rawValue, FilePermissions.readableByAll.rawValue) }
        }
    }
}
