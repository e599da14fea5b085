internal import Glibc
public import SystemPackage

extension DirectoryHandle {
    /// Opens a directory that is to hold private keys.
    ///
    /// - Throws: ``WriteError/directoryUnsafe(path:_:)`` where others than root, this process's user and `trusted` may make
    ///   or replace names in it, and what ``DirectoryHandle/init(guarding:)`` throws.
    static func opening(forKeysAt path: FilePath, trusting trusted: Set<UInt32>) throws(WriteError) -> DirectoryHandle {
        let directory = try WriteError.naming { () throws(FileError) in try DirectoryHandle(guarding: path) }
        let identity = try WriteError.naming { () throws(FileError) in try directory.identity() }
        if let reason = UnsafeDirectory(identity, trusting: trusted.union([0, geteuid()])) {
            throw .directoryUnsafe(path: path, reason)
        }
        return directory
    }

    /// Whom a new file in the directory is to belong to: root's work in a `trusted` user's directory is that user's, who
    /// could not read or replace it otherwise. Nil where it stays the caller's.
    func heir(among trusted: Set<UInt32>) throws(FileError) -> (owner: UInt32, group: UInt32)? {
        let identity = try identity()
        guard geteuid() == 0, identity.owner != 0, trusted.contains(identity.owner) else { return nil }
        return (identity.owner, identity.group)
    }
}

extension UnsafeDirectory {
    /// Who beyond `trusted` users may write the directory at `path`; nil where nobody may.
    ///
    /// - Throws: ``FileError`` where it cannot be opened, or only by a link that is not followed.
    public init?(at path: FilePath, trusting trusted: Set<UInt32>) throws(FileError) {
        let directory = try DirectoryHandle(guarding: path)
        self.init(try directory.identity(), trusting: trusted)
    }

    /// Who beyond `trusted` users may write the directory; nil where nobody may.
    init?(_ directory: FileIdentity, trusting trusted: Set<UInt32>) {
        if !trusted.contains(directory.owner) {
            self = .owner(directory.owner)
        } else if directory.permissions.contains(.otherWrite) {
            self = .everybody
        } else if directory.permissions.contains(.groupWrite), directory.group != 0 {
            self = .group(directory.group)
        } else {
            return nil
        }
    }
}
