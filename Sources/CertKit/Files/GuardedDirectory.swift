internal import Glibc
public import SystemPackage

extension DirectoryHandle {
    /// Opens the directory at `path`, following only the symbolic links that root or this process's user made.
    ///
    /// In a directory of the daemon's user, that user may put a link where root expects a directory of the daemon's; root
    /// would write wherever it leads.
    /// - Throws: ``FileError``, ``FileError/foreignLink(path:owner:)`` where such a link is in the way.
    public init(guarding path: FilePath) throws(FileError) {
        var walk = try FileError.naming(path) { () throws(Errno) in try Walk(along: path) }
        while true {
            switch try FileError.naming(path, { () throws(Errno) in try walk.step() }) {
            case .further: continue
            case .foreignLink(let owner): throw .foreignLink(path: path, owner: owner)
            case .arrived:
                let opened = try FileError.naming(path) { () throws(Errno) in try walk.open() }
                self.init(opened, at: path)
                return
            }
        }
    }
}

/// A way through directories, one name at a time, so that each link on it can be looked at before it is followed.
private struct Walk: ~Copyable {
    enum Step { case further, arrived, foreignLink(owner: UInt32) }

    private var here: Descriptor
    /// The names that are still ahead, the next one last.
    private var ahead: [FilePath.Component]
    private var links = 0
    /// As many as Linux follows.
    private static let linkLimit = 40

    init(along path: FilePath) throws(Errno) {
        here = try Walk.start(of: path)
        ahead = path.components.reversed()
    }

    mutating func step() throws(Errno) -> Step {
        guard let name = ahead.popLast() else { return .arrived }
        let next = try Descriptor(opening: FilePath(root: nil, [name]), in: here.file, flags: __O_PATH | O_NOFOLLOW)
        let stat = try Stat(next.file)
        guard stat.type == FileType.symbolicLink else {
            // What is no directory fails when the next name is opened in it, or when it is opened itself.
            here = next
            return .further
        }
        let owner = stat.userID.rawValue
        guard owner == 0 || owner == geteuid() else { return .foreignLink(owner: owner) }
        links += 1
        guard links <= Walk.linkLimit else { throw .tooManySymbolicLinkLevels }
        let target = try next.linkText()
        if target.isAbsolute { here = try Walk.start(of: target) }
        ahead += target.components.reversed()
        return .further
    }

    /// Opens the directory that was arrived at for reading, which the steps before need no permission for.
    func open() throws(Errno) -> Descriptor {
        try Descriptor(opening: ".", in: here.file, flags: O_RDONLY | O_DIRECTORY | O_NONBLOCK)
    }

    private static func start(of path: FilePath) throws(Errno) -> Descriptor {
        try Descriptor(opening: path.isAbsolute ? "/" : ".", flags: __O_PATH | O_DIRECTORY)
    }
}

extension Descriptor {
    /// The text of the link that was opened itself.
    fileprivate borrowing func linkText() throws(Errno) -> FilePath {
        let file = file
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        try retryingInterrupted { unsafe readlinkat(file.rawValue, "", &buffer, Int(PATH_MAX)) }
        return FilePath(platformString: buffer)
    }
}
