public import SystemPackage

/// Why a file or directory could not be read.
@nonexhaustive
public enum FileError: Diagnosis, Equatable {
    /// Nothing has that name, or the link there leads nowhere.
    case missing(path: FilePath)
    /// Something that is not a regular file stands there.
    case notAFile(path: FilePath, FileKind)
    /// The file is larger than is read, in bytes.
    case tooLarge(path: FilePath, limit: Int)
    /// Somebody wrote or replaced the file while it was read.
    case changedWhileRead(path: FilePath)
    /// On the way there is a symbolic link that neither root nor the caller made.
    case foreignLink(path: FilePath, owner: UInt32)
    /// The system refused.
    case unreadable(path: FilePath, Errno)
}

/// What can stand where a regular file belongs.
public enum FileKind: String, Sendable, Equatable {
    /// A directory.
    case directory = "a directory"
    /// A named pipe, which could block its reader forever.
    case fifo = "a named pipe"
    /// A character device, such as a terminal.
    case characterDevice = "a character device"
    /// A block device, such as a disk.
    case blockDevice = "a block device"
    /// A Unix socket.
    case socket = "a socket"
    /// A file that the kernel makes up while it is read, such as those in /proc: its size does not tell its length.
    case kernelFile = "a file made up by the kernel"
    /// A symbolic link, where none is followed.
    case link = "a symbolic link"
    /// Something else.
    case other = "something that is not a file"
}

extension FileKind {
    /// The kind of what `stat` was taken of; nil for a regular file.
    init?(_ stat: Stat) {
        switch stat.type {
        case .regular: return nil
        case .directory: self = .directory
        case .fifo: self = .fifo
        case .characterSpecial: self = .characterDevice
        case .blockSpecial: self = .blockDevice
        case .socket: self = .socket
        case .symbolicLink: self = .link
        default: self = .other
        }
    }
}

extension FileError {
    init(_ error: Errno, at path: FilePath) {
        self = error == .noSuchFileOrDirectory ? .missing(path: path) : .unreadable(path: path, error)
    }

    /// Does `body`; the system's error becomes one that names `path`, which is made only then.
    static func naming<Result: ~Copyable>(
        _ path: @autoclosure () -> FilePath, _ body: () throws(Errno) -> Result
    ) throws(FileError) -> Result {
        do throws(Errno) {
            return try body()
        } catch {
            throw FileError(error, at: path())
        }
    }

    /// The file.
    public var path: FilePath {
        switch self {
        case .missing(let path), .notAFile(let path, _), .tooLarge(let path, _), .changedWhileRead(let path),
            .foreignLink(let path, _), .unreadable(let path, _):
            path
        }
    }

    /// The rule of the catalogue this error falls under.
    public var findingID: FindingID {
        switch self {
        case .missing: .fileMissing
        case .notAFile: .notAFile
        case .tooLarge: .fileTooLarge
        case .changedWhileRead, .foreignLink, .unreadable: .fileUnreadable
        }
    }

    /// The file.
    public var location: String? { path.string }

    /// What is wrong and where.
    public var description: String {
        switch self {
        case .missing(let path): "\(path): no such file or directory"
        case .notAFile(let path, let kind): "\(path): \(kind.rawValue) where a regular file is needed"
        case .tooLarge(let path, let limit): "\(path): larger than \(limit) bytes"
        case .changedWhileRead(let path): "\(path): changed while it was read"
        case .foreignLink(let path, let owner):
            "\(path): a symbolic link of user \(owner) on the way there, which is not followed"
        case .unreadable(let path, let error): "\(path): \(error.words)"
        }
    }

    /// What an operator can do about it.
    public var remedy: String {
        switch self {
        case .missing(let path): "see where the path ends: namei -l \(path)"
        case .notAFile(let path, _): "see what stands there: ls -ld \(path)"
        case .tooLarge(let path, _): "name the file of one certificate; see what this one holds: head \(path)"
        case .changedWhileRead(let path): "run it again; if it stays, see who writes the file: fuser -v \(path)"
        case .foreignLink(let path, _): "see where it leads, and remove it: namei -l \(path)"
        case .unreadable(let path, let error): error.remedy(for: path)
        }
    }
}
