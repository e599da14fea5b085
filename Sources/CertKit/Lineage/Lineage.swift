internal import Glibc
public import SystemPackage

/// One certificate and its successors: a directory below certbot's `live/`, or another client's directory with the same
/// four names in it.
public struct Lineage: Sendable {
    let listing: LineageListing
    private let start: UInt32

    /// Where its four files are.
    public var directory: FilePath {
        let name = unsafe withName { unsafe FilePath(platformString: $0) }
        return listing.live?.pushing(name) ?? name
    }

    /// Whether certbot keeps it: then the four files are links, and there is an archive of older generations.
    public var isCertbots: Bool { listing.live != nil }

    /// certbot's name for it, or the directory's path where another client keeps it.
    public var name: String { unsafe withName { unsafe String(cString: $0) } }

    /// Lends the name for the duration of `body`.
    func withName<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        unsafe listing.withName(at: Int(start), body)
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
            self.init(LineageListing(live: nil, text: path.terminated), at: 0)
        }
    }

    /// The lineage that certbot's `RENEWED_LINEAGE` names, which is only a hint: the environment is anybody's.
    ///
    /// - Throws: ``LineageError/notBelieved(hint:live:)`` unless it is a lineage's name directly below certbot's `live/`.
    public init(hint: String, below letsencrypt: FilePath) throws(LineageError) {
        let live = letsencrypt.appending("live")
        let path = FilePath(hint)
        guard path.isAbsolute, path.isLexicallyNormal, let last = path.lastComponent,
            path.removingLastComponent().isSameDirectory(as: live), Lineage.isValid(name: last.string.utf8Span.span)
        else { throw .notBelieved(hint: hint, live: live) }
        try self.init(name: last.string, in: live)
    }

    private init(name: String, in live: FilePath) throws(LineageError) {
        guard Lineage.isValid(name: name.utf8Span.span) else { throw .invalidName(name) }
        self.init(LineageListing(live: live, text: Array(name.utf8CString)), at: 0)
    }

    private init(_ listing: LineageListing, at start: UInt32) {
        (self.listing, self.start) = (listing, start)
    }

    /// Every lineage below `live/` of certbot's directory, sorted by name.
    ///
    /// Files such as README, names that begin with a dot and names that certd would not take as an argument are left out.
    /// - Throws: ``LineageError/file(lineage:_:)`` where `live/` cannot be read.
    public static func all(below letsencrypt: FilePath) throws(LineageError) -> [Lineage] {
        let live = letsencrypt.appending("live")
        do throws(FileError) {
            let handle = try DirectoryHandle(opening: live)
            let (text, starts) = try handle.directoryNames(where: Lineage.isValid)
            guard !starts.isEmpty else { return [] }
            let listing = LineageListing(live: live, text: text)
            return starts.map { Lineage(listing, at: $0) }
        } catch {
            throw .file(lineage: live.string, error)
        }
    }

    /// Whether `name` can be a lineage's: it becomes part of paths, messages and commands.
    private static func isValid(name: Span<UInt8>) -> Bool {
        // None may begin with a dot, as if there were one before.
        var previous = UInt8(ascii: ".")
        for index in name.indices {
            let byte = name[index]
            guard byte != UInt8(ascii: ".") || previous != byte else { return false }
            previous = byte
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "*"),
                UInt8(ascii: "-"):
                continue
            default: return false
            }
        }
        return !name.isEmpty
    }
}

extension Lineage: Hashable {
    /// Whether both are one directory; found at different times, they are equal all the same.
    public static func == (one: Lineage, other: Lineage) -> Bool {
        guard one.listing.isBeside(other.listing) else { return false }
        return unsafe one.withName { one in unsafe other.withName { other in unsafe strcmp(one, other) == 0 } }
    }

    /// Feeds the name to `hasher`.
    public func hash(into hasher: inout Hasher) {
        unsafe withName { name in
            unsafe hasher.combine(bytes: UnsafeRawBufferPointer(start: name, count: strlen(name)))
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
    /// Its bytes and a zero byte.
    fileprivate var terminated: [CChar] {
        unsafe withPlatformString { text in
            unsafe Array(UnsafeBufferPointer(start: text, count: strlen(text) + 1))
        }
    }

    /// Whether both lead to one directory; certbot may have been told another way to it than certd.
    fileprivate func isSameDirectory(as other: FilePath) -> Bool {
        if self == other { return true }
        guard let one = try? Stat(self), let two = try? Stat(other) else { return false }
        return (one.deviceID, one.inode) == (two.deviceID, two.inode)
    }
}
