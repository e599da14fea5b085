internal import Glibc
public import SystemPackage

/// What stood at the target when the new file took its place.
public enum Replaced: Sendable, Equatable {
    /// Nothing: the file is new.
    case nothing
    /// A file.
    case file
    /// A symbolic link, which is gone now; the file that it led to is as it was.
    case symbolicLink
}

/// A file beside its target, written and synced, that takes the target's place in one step or not at all.
///
/// It is born 0600 under a dot-name, given its owner and mode before the first byte, and removed when it is let go
/// without ``install()``. The target's old file stays whole until that moment.
public struct StagedFile: ~Copyable, Sendable {
    private let target: FilePath
    private let name: FilePath
    private var temporary: TemporaryFile

    /// Writes `bytes` beside `target` and syncs them to disk.
    ///
    /// `trusted` users may write the directory besides root and the caller. Where `owner` or `group` is nil, a file that
    /// root makes in a trusted user's directory gets the directory's; else it is left as the system has it.
    /// - Throws: ``WriteError``; then nothing new is left.
    public init(
        replacing target: FilePath, with bytes: SecretBytes, owner: UInt32? = nil, group: UInt32? = nil,
        mode: FilePermissions = .ownerReadWrite, trusting trusted: Set<UInt32> = []
    ) throws(WriteError) {
        let (path, name) = try target.splitForWriting()
        let directory = try DirectoryHandle.opening(forKeysAt: path, trusting: trusted)
        let heir = try WriteError.naming { () throws(FileError) in try directory.heir(among: trusted) }
        let (owner, group) = (owner ?? heir?.owner, group ?? heir?.group)
        var temporary = TemporaryFile(for: name, in: directory)
        let opened = try WriteError.naming(.create, target) { () throws(Errno) in try temporary.create() }
        try WriteError.naming(.setOwner, target) { () throws(Errno) in try opened.give(to: owner, group, mode: mode) }
        try WriteError.naming(.write, target) { () throws(Errno) in try opened.write(bytes) }
        try WriteError.naming(.sync, target) { () throws(Errno) in try opened.sync() }
        self.target = target
        self.name = name
        self.temporary = temporary
    }

    /// Puts the file in the target's place and syncs the directory.
    ///
    /// - Throws: ``WriteError``; the old file stands, except after ``WriteError/notDurable(path:_:)``.
    @discardableResult
    public consuming func install() throws(WriteError) -> Replaced {
        let replaced = try WriteError.naming(.rename, target) { () throws(Errno) in
            let replaced = try temporary.directory.whatStands(at: name)
            try temporary.rename(to: name)
            return replaced
        }
        do throws(Errno) {
            try temporary.directory.descriptor.sync()
        } catch {
            throw .notDurable(path: target, error)
        }
        return replaced
    }

    /// Removes the file; the target stays as it is.
    public consuming func discard() {}

    /// Removes what runs of certd that were killed have left beside `target`.
    ///
    /// Only to be called under the lock, since another run's file looks the same. Gives the names of those removed.
    /// - Throws: ``WriteError`` where the directory cannot be read.
    @discardableResult
    public static func removeLeftovers(beside target: FilePath) throws(WriteError) -> [String] {
        let (path, name) = try target.splitForWriting()
        return try removeLeftovers(in: path) { $0 == name.string }
    }

    /// Removes the same of all files in `directory`, in one go, whose names are the caller's; it is asked only for those that
    /// something is left of.
    ///
    /// - Throws: ``WriteError`` where the directory cannot be read.
    @discardableResult
    public static func removeLeftovers(
        in directory: FilePath, where isOurs: (_ name: String) -> Bool
    ) throws(WriteError) -> [String] {
        let directory = try WriteError.naming { () throws(FileError) in try DirectoryHandle(guarding: directory) }
        let found = try WriteError.naming { () throws(FileError) in try directory.names() }
        let leftovers = found.filter { targetName(ofTemporary: $0).map(isOurs) ?? false }
        for leftover in leftovers { directory.tidyAway(FilePath(leftover)) }
        return leftovers
    }
}

/// Sole owner of a temporary name in a directory, which is removed unless the file was renamed.
///
/// Not private: a ``StagedFile`` can be an optional in another module, which then asks for this type's metadata, and an
/// optimized build (Swift 6.3) keeps a private type's to itself: the linker does not find it.
struct TemporaryFile: ~Copyable, Sendable {
    let directory: DirectoryHandle
    private let name: FilePath
    private var exists = false

    init(for target: FilePath, in directory: consuming DirectoryHandle) {
        self.directory = directory
        // Nobody can guess it, and O_EXCL would notice.
        name = FilePath(temporaryPrefix(for: target) + String(UInt64.random(in: .min ... .max), radix: 16))
    }

    deinit {
        if exists { directory.tidyAway(name) }
    }

    mutating func create() throws(Errno) -> Descriptor {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
        let opened = try Descriptor(opening: name, in: directory.file, flags: flags, permissions: .ownerReadWrite)
        exists = true
        return opened
    }

    mutating func rename(to target: FilePath) throws(Errno) {
        let file = directory.file
        try retryingInterrupted {
            unsafe name.withPlatformString { from in
                unsafe target.withPlatformString { unsafe renameat(file.rawValue, from, file.rawValue, $0) }
            }
        }
        exists = false
    }
}

private func temporaryPrefix(for name: FilePath) -> String { ".\(name)\(temporaryMark)" }

private let temporaryMark = ".certd-new-"

/// For which file a name is a temporary one; nil for any other name.
private func targetName(ofTemporary name: String) -> String? {
    guard name.hasPrefix("."), let mark = name.ranges(of: temporaryMark).last else { return nil }
    return String(name[name.index(after: name.startIndex)..<mark.lowerBound])
}

extension FilePath {
    /// The directory and the name in it.
    func splitForWriting() throws(WriteError) -> (directory: FilePath, name: FilePath) {
        guard let last = lastComponent, last.kind == .regular else { throw .noName(path: self) }
        let directory = removingLastComponent()
        return (directory.isEmpty ? "." : directory, FilePath(root: nil, [last]))
    }
}

extension DirectoryHandle {
    fileprivate func whatStands(at name: FilePath) throws(Errno) -> Replaced {
        do throws(Errno) {
            let stat = try Stat(name, relativeTo: file, flags: .symlinkNoFollow)
            return stat.type == .symbolicLink ? .symbolicLink : .file
        } catch .noSuchFileOrDirectory {
            return .nothing
        }
    }

    /// Removes a name, as well as may be: a later run's ``StagedFile/removeLeftovers(beside:)`` tries again.
    fileprivate func tidyAway(_ name: FilePath) { try? remove(name) }
}

extension Descriptor {
    /// Sets owner, group and mode, as far as they are not that already: the umask may have taken bits away.
    fileprivate borrowing func give(to owner: UInt32?, _ group: UInt32?, mode: FilePermissions) throws(Errno) {
        let file = file
        let born = try Stat(file)
        let (user, group) = (owner ?? born.userID.rawValue, group ?? born.groupID.rawValue)
        if (user, group) != (born.userID.rawValue, born.groupID.rawValue) {
            try retryingInterrupted { fchown(file.rawValue, user, group) }
        }
        if born.permissions != mode {
            try retryingInterrupted { fchmod(file.rawValue, mode.rawValue) }
        }
    }

    fileprivate borrowing func write(_ bytes: SecretBytes) throws(Errno) {
        let file = file
        try bytes.withSpan { span throws(Errno) in
            var written = 0
            while written < span.count {
                let rest = span.extracting(written...)
                written += try retryingInterrupted {
                    unsafe rest.withUnsafeBytes { unsafe Glibc.write(file.rawValue, $0.baseAddress, $0.count) }
                }
            }
        }
    }

    /// Waits until the disk has it; not tried again after a failure, since the kernel forgets what it could not write.
    fileprivate borrowing func sync() throws(Errno) {
        guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
    }
}
