import CertKit
import Glibc
import SystemPackage

/// The user that certd's daemon runs as, and what that user may reach.
///
/// By owner, group and mode; access control lists are not looked at.
struct DaemonUser: Equatable, Sendable {
    let id: UInt32
    let name: String
    let groups: Set<UInt32>
    /// Whether it reads what is closed to it, by CAP_DAC_READ_SEARCH.
    var readsEverything: Bool

    var isRoot: Bool { id == 0 }

    /// The owner of the state directory, which systemd gives to the daemon's user; else the user that the package makes,
    /// and root where there is neither. `haproxy` is the group that the unit gives it.
    init(of settings: Settings, readsEverything: Bool) {
        let owner = StateDirectory(path: settings.state).users.first
        let id = owner ?? (try? userID(named: "certd")) ?? 0
        let account = Account(of: id)
        let haproxy = (try? groupID(named: "haproxy")).map { [$0] } ?? []
        self.init(
            id: id, name: account?.name ?? "user \(id)", groups: Set((account?.groups ?? []) + haproxy),
            readsEverything: readsEverything)
    }

    init(id: UInt32, name: String, groups: Set<UInt32>, readsEverything: Bool) {
        (self.id, self.name, self.groups) = (id, name, groups)
        self.readsEverything = readsEverything
    }

    /// Whether it may read the file, or connect to the socket, and pass the directories above it.
    func mayRead(_ path: FilePath) -> Bool { isRoot || readsEverything || may(.ownerRead, path) }

    /// Whether it may write to the file or socket at `path`, and pass the directories above it.
    func mayWrite(_ path: FilePath) -> Bool { isRoot || may(.ownerWrite, path) }

    private func may(_ permission: FilePermissions, _ path: FilePath) -> Bool {
        var directory = path
        while directory.removeLastComponent(), !directory.isEmpty {
            guard readsEverything || holds(.ownerExecute, of: directory) else { return false }
        }
        return holds(permission, of: path)
    }

    /// `permission` as it is spelled for the owner.
    private func holds(_ permission: FilePermissions, of path: FilePath) -> Bool {
        guard let stat = try? path.stat() else { return false }
        let shift: CModeT = stat.userID.rawValue == id ? 0 : groups.contains(stat.groupID.rawValue) ? 3 : 6
        return stat.permissions.rawValue & (permission.rawValue >> shift) != 0
    }
}

/// What the system knows of a user.
private struct Account {
    let name: String
    let groups: [UInt32]

    /// nil where nobody has the number.
    init?(of id: UInt32) {
        var buffer = [CChar](repeating: 0, count: 16_384)
        var entry = unsafe passwd()
        var result: UnsafeMutablePointer<passwd>?
        guard unsafe getpwuid_r(id, &entry, &buffer, buffer.count, &result) == 0, unsafe result != nil else {
            return nil
        }
        name = unsafe String(cString: entry.pw_name)
        var groups = [gid_t](repeating: 0, count: 1024)
        var count = CInt(groups.count)
        let isWhole = unsafe getgrouplist(entry.pw_name, entry.pw_gid, &groups, &count) >= 0
        self.groups = isWhole ? Array(groups.prefix(Int(count))) : [unsafe entry.pw_gid]
    }
}
