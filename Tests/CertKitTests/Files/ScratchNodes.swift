import Glibc
import SystemPackage
import TestSupport
import Testing

/// What tests of the file system put into their directory besides files.
extension ScratchDirectory {
    /// Makes a directory with exactly these permissions.
    @discardableResult
    func makeDirectory(_ name: String, mode: mode_t = 0o755) throws -> FilePath {
        let path = file(name)
        try require(unsafe mkdir(path.string, mode))
        try setMode(mode, of: name)
        return path
    }

    /// Makes a symbolic link with this text.
    @discardableResult
    func makeLink(_ name: String, to text: String) throws -> FilePath {
        let path = file(name)
        try require(unsafe symlink(text, path.string))
        return path
    }

    /// Gives the file `name` a second name.
    func makeHardLink(_ other: String, to name: String) throws {
        try require(unsafe link(file(name).string, file(other).string))
    }

    /// Makes a named pipe (`S_IFIFO`) or a socket (`S_IFSOCK`).
    func makeNode(_ name: String, _ kind: mode_t) throws {
        try require(unsafe mknod(file(name).string, kind | 0o644, 0))
    }

    /// Gives `name` these permissions, whatever the umask.
    func setMode(_ mode: mode_t, of name: String) throws {
        try require(unsafe chmod(file(name).string, mode))
    }

    /// Gives `name` to this user and group; only root can.
    func give(_ name: String, to user: uid_t, _ group: gid_t) throws {
        try require(unsafe chown(file(name).string, user, group))
    }

    /// Renames within the directory.
    func move(_ name: String, to other: String) throws {
        try require(unsafe rename(file(name).string, file(other).string))
    }

    /// Removes a name, or an empty directory.
    func remove(_ name: String, isDirectory: Bool = false) throws {
        try require(unsafe isDirectory ? rmdir(file(name).string) : unlink(file(name).string))
    }

    /// Makes the file this long without writing to it.
    func stretch(_ name: String, to size: Int) throws {
        try require(unsafe truncate(file(name).string, size))
    }

    /// What stands at `name`, not following links.
    func stat(_ name: String) throws -> Stat { try Stat(file(name), followTargetSymlink: false) }

    private func require(_ result: CInt) throws {
        guard result == 0 else { throw Errno(rawValue: errno) }
    }
}
