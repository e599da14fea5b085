internal import Glibc
public import SystemPackage

/// One certificate and its successors: a directory below certbot's `live/`, or another client's directory with the same
/// four names in it.
public struct Lineage: Hashable, Sendable {
    /// Where its four files are.
    public let directory: FilePath
    /// Whether certbot keeps it: then the four files are links, and there is an archive of older generations.
    public let isCertbots: Bool

    /// certbot's name for it, or the directory's path where another client keeps it.
    ///
    /// Not stored: a daemon with 10,000 lineages has each as a key in several tables.
    public var name: String { unsafe withName { unsafe String(cString: $0) } }

    private func withName<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        unsafe directory.withPlatformString { path in
            guard isCertbots, let slash = unsafe strrchr(path, CInt(UInt8(ascii: "/"))) else {
                return unsafe body(path)
            }
            return unsafe body(slash + 1)
        }
    }

    /// The lineage `text`, which is a name below `live/` of certbot's directory or an absolute directory.
    ///
    /// - Throws: ``LineageError/invalidName(_:)``. Whether the lineage exists is not looked at.
    public init(_ text: String, below letsencrypt: FilePath) throws(LineageError) {
        let live = letsencrypt.appending("live")
        let path = FilePath(text)
        guard path.isAbsolute else {
            try self.init(name: text, in: live)
            return
        }
        guard path.isLexicallyNormal, let last = path.lastComponent else { throw .invalidName(text) }
        if path.removingLastComponent() == live {
            try self.init(name: last.string, in: live)
        } else {
            self.init(directory: path, isCertbots: false)
        }
    }

    /// The lineage that certbot's `RENEWED_LINEAGE` names, which is only a hint: the environment is anybody's.
    ///
    /// - Throws: ``LineageError/notBelieved(hint:live:)`` unless it is a lineage's name directly below certbot's `live/`.
    public init(hint: String, below letsencrypt: FilePath) throws(LineageError) {
        let live = letsencrypt.appending("live")
        let path = FilePath(hint)
        guard path.isAbsolute, path.isLexicallyNormal, let last = path.lastComponent,
            path.removingLastComponent().isSameDirectory(as: live), Lineage.isValid(name: last.string)
        else { throw .notBelieved(hint: hint, live: live) }
        try self.init(name: last.string, in: live)
    }

    private init(name: String, in live: FilePath) throws(LineageError) {
        guard Lineage.isValid(name: name) else { throw .invalidName(name) }
        self.init(directory: live.appending(name), isCertbots: true)
    }

    private init(directory: FilePath, isCertbots: Bool) {
        (self.directory, self.isCertbots) = (directory, isCertbots)
    }

    /// Every lineage below `live/` of certbot's directory, sorted by name.
    ///
    /// Files such as README, names that begin with a dot and names that certd would not take as an argument are left out.
    /// - Throws: ``LineageError/file(lineage:_:)`` where `live/` cannot be read.
    public static func all(below letsencrypt: FilePath) throws(LineageError) -> [Lineage] {
        let live = letsencrypt.appending("live")
        do throws(FileError) {
            let handle = try DirectoryHandle(opening: live)
            // Not each by appending to a copy, which leaves room behind the path that nobody needs.
            var path = Array(live.string.utf8CString.dropLast())
            path.append(CChar(bitPattern: UInt8(ascii: "/")))
            let start = path.count
            return try handle.directoryNames().compactMap { name in
                guard Lineage.isValid(name: name) else { return nil }
                path.removeSubrange(start...)
                path.append(contentsOf: name.utf8CString)
                return Lineage(directory: FilePath(platformString: path), isCertbots: true)
            }
        } catch {
            throw .file(lineage: live.string, error)
        }
    }

    /// Whether `name` can be a lineage's: it becomes part of paths, messages and commands.
    private static func isValid(name: String) -> Bool {
        guard !name.isEmpty, !name.hasPrefix(".") else { return false }
        var previous: UInt8?
        return name.utf8.allSatisfy { byte in
            defer { previous = byte }
            guard byte != UInt8(ascii: ".") || previous != byte else { return false }
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "*"),
                UInt8(ascii: "-"):
                return true
            default: return false
            }
        }
    }
}

extension Lineage: Comparable {
    /// In the order of their names, byte by byte.
    public static func < (one: Lineage, other: Lineage) -> Bool {
        unsafe one.withName { one in unsafe other.withName { other in unsafe strcmp(one, other) < 0 } }
    }
}

extension Lineage: CustomStringConvertible {
    /// The name.
    public var description: String { name }
}

extension FilePath {
    /// Whether both lead to one directory; certbot may have been told another way to it than certd.
    fileprivate func isSameDirectory(as other: FilePath) -> Bool {
        if self == other { return true }
        guard let one = try? Stat(self), let two = try? Stat(other) else { return false }
        return (one.deviceID, one.inode) == (two.deviceID, two.inode)
    }
}
