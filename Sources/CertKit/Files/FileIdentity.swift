internal import Glibc
public import SystemPackage

/// What tells one state of a file from another: who it is, how long, and when it was last touched.
///
/// Two equal identities at two moments mean that the file was neither replaced nor written in between.
public struct FileIdentity: Hashable, Sendable {
    /// The file system it is on.
    public let device: UInt64
    /// Its number there.
    public let inode: UInt64
    /// The size in bytes.
    public let size: Int
    /// When its content was last written (mtime), since 1970; whoever owns the file may set it.
    public let modified: Duration
    /// When its content or anything else of it was last changed (ctime), since 1970; only the kernel sets it.
    public let changed: Duration
    /// The permission bits.
    public let permissions: FilePermissions
    /// The owning user.
    public let owner: UInt32
    /// The owning group.
    public let group: UInt32
    /// The number of names.
    public let links: Int
}

extension FileIdentity {
    init(_ stat: Stat) {
        self.init(
            device: UInt64(stat.deviceID.rawValue), inode: UInt64(stat.inode.rawValue), size: Int(stat.size),
            // Not counted in an Int64 of nanoseconds: a time after 2262, which any owner of a file can set, would overflow.
            modified: Duration(stat.st_mtim), changed: Duration(stat.st_ctim), permissions: stat.permissions,
            owner: stat.userID.rawValue, group: stat.groupID.rawValue, links: stat.linkCount)
    }
}
