internal import Glibc
public import SystemPackage

/// Sole owner of a lock that every process of this host respects; the lock is free when the owner is gone, by a crash too.
///
/// It is a `flock` on a file that is never deleted: whoever deletes it lets two processes lock two files of one name.
public struct FileLock: ~Copyable, Sendable {
    private let descriptor: Descriptor

    /// Locks the file at `path`, which is made where it is missing, and writes into it who `command` is.
    ///
    /// Root gives the file to the owner of its directory, so that a daemon without privileges can lock it next.
    /// - Throws: ``LockError``, naming the holder once `limit` is over on `clock`; `CancellationError`.
    public static func acquire(
        at path: FilePath, for command: String, within limit: Duration, on clock: some Clock<Duration>
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
        descriptor.record(LockHolder(pid: getpid(), command: command))
        return FileLock(descriptor: descriptor)
    }

    /// Who wrote itself into the lock file last; it holds the lock only if the lock is not free.
    public static func holder(of path: FilePath) -> LockHolder? {
        guard let contents = try? readFile(at: path, limit: 4096) else { return nil }
        let text = contents.bytes.withSpan { span in
            String(decoding: span.indices.map { span[$0] }, as: UTF8.self)
        }
        let parts = text.split(separator: "\n").first?.split(separator: " ", maxSplits: 1) ?? []
        guard parts.count == 2, let pid = Int32(parts[0]) else { return nil }
        return LockHolder(pid: pid, command: String(parts[1]))
    }

    /// Frees the lock, which letting it go does as well.
    public consuming func release() {}

    deinit {
        _ = ftruncate(descriptor.file.rawValue, 0)
    }

    private static func openLockFile(at path: FilePath) throws(LockError) -> Descriptor {
        do throws(Errno) {
            // O_NONBLOCK, because opening a named pipe would wait for its other end.
            let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK
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

    /// Writes who holds the lock; without room on the disk nobody learns it, but the lock is no worse.
    fileprivate borrowing func record(_ holder: LockHolder) {
        _ = ftruncate(file.rawValue, 0)
        _ = try? file.writeAll(toAbsoluteOffset: 0, "\(holder.pid) \(holder.command)\n".utf8)
    }
}
