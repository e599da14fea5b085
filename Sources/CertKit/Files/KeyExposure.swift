internal import Glibc
public import SystemPackage

/// A file with a private key that more can read than its owner and the groups that may.
public struct KeyExposure: Sendable, Equatable {
    /// The file.
    public let path: FilePath
    /// The group that its mode lets in; nil where it lets in everybody.
    public let group: UInt32?
    /// The closed directory that still shields it; nil where nothing does.
    public let shield: FilePath?

    /// Looks at a file's mode and at the directories above it; nil where only its owner, root and `trusted` groups can read.
    public init?(of path: FilePath, _ file: FileIdentity, trusting trusted: Set<UInt32> = []) {
        let trusted = trusted.union([0])
        if file.permissions.contains(.otherRead) {
            group = nil
        } else if file.permissions.contains(.groupRead), !trusted.contains(file.group) {
            group = file.group
        } else {
            return nil
        }
        self.path = path
        let group = group
        shield = path.ancestors.first { directory in
            guard let stat = try? Stat(directory) else { return false }
            return !stat.admits(group, trusting: trusted)
        }
    }

    /// Critical where somebody can reach the file, a warning where only a closed directory shields it.
    public var finding: Finding {
        let who = group.map { "group \($0)" } ?? "everybody"
        let shielded = shield.map { ", and only \($0) being closed keeps them out" } ?? ""
        return Finding(
            .keyPermissions, severity: shield == nil ? .critical : .warning,
            "\(path): the mode lets \(who) read the private key\(shielded)",
            remedy: "take it away: chmod 0600 \(path)", location: path.string)
    }
}

extension FilePath {
    /// The directories above it, nearest first.
    fileprivate var ancestors: [FilePath] {
        var ancestors: [FilePath] = []
        var path = self
        while path.removeLastComponent() { ancestors.append(path.isEmpty ? "." : path) }
        return ancestors
    }
}

extension Stat {
    /// Whether the directory lets through somebody of `group`, or of no particular group where nil.
    fileprivate func admits(_ group: UInt32?, trusting trusted: Set<UInt32>) -> Bool {
        if permissions.contains(.otherExecute) { return true }
        guard permissions.contains(.groupExecute) else { return false }
        return group.map { $0 == groupID.rawValue } ?? !trusted.contains(groupID.rawValue)
    }
}
