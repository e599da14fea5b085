public import SystemPackage

/// Why a file could not be written.
///
/// Until it is in place, what stood there before is untouched and nothing new is left beside it.
@nonexhaustive
public enum WriteError: Diagnosis, Equatable {
    /// The directory could not be opened.
    case directory(FileError)
    /// Others than root, the caller and those it trusts may write the directory.
    case directoryUnsafe(path: FilePath, UnsafeDirectory)
    /// The path does not end in a name.
    case noName(path: FilePath)
    /// The system refused at this step; the old file stands.
    case failed(WriteStep, path: FilePath, Errno)
    /// The new file stands, but the directory could not be synced: after a power loss it may be the old one again.
    case notDurable(path: FilePath, Errno)
    /// There is no such user.
    case unknownUser(String)
    /// There is no such group.
    case unknownGroup(String)
}

/// A step of writing a file.
public enum WriteStep: String, Sendable, Equatable {
    /// Making the temporary file beside the target.
    case create = "cannot make a file beside it"
    /// Giving it its owner, group and mode.
    case setOwner = "cannot give the new file its owner and mode"
    /// Writing the bytes.
    case write = "cannot write the new file"
    /// Making sure that they reached the disk.
    case sync = "cannot sync the new file to disk"
    /// Renaming it over the target.
    case rename = "cannot put the new file in place"
    /// Adding to a file.
    case append = "cannot add to it"
    /// Removing a file.
    case remove = "cannot remove it"
}

/// Who else may write a directory.
public enum UnsafeDirectory: Sendable, Equatable, CustomStringConvertible {
    /// It belongs to this user.
    case owner(UInt32)
    /// This group may write it.
    case group(UInt32)
    /// Everybody may; the sticky bit does not keep them from making the names that certd will use.
    case everybody

    /// Who, in words.
    public var description: String {
        switch self {
        case .owner(let user): "it belongs to user \(user)"
        case .group(let group): "group \(group) may write it"
        case .everybody: "everybody may write it"
        }
    }
}

extension WriteError {
    /// Does `body`; the system's error becomes one that names the step and `path`.
    static func naming<Result: ~Copyable>(
        _ step: WriteStep, _ path: FilePath, _ body: () throws(Errno) -> Result
    ) throws(WriteError) -> Result {
        do throws(Errno) {
            return try body()
        } catch {
            throw .failed(step, path: path, error)
        }
    }

    /// Does `body`; what is wrong with the directory becomes an error of writing.
    static func naming<Result: ~Copyable>(_ body: () throws(FileError) -> Result) throws(WriteError) -> Result {
        do throws(FileError) {
            return try body()
        } catch {
            throw .directory(error)
        }
    }

    /// The rule of the catalogue this error falls under.
    public var findingID: FindingID { .deployFailed }

    /// The file or directory.
    public var location: String? {
        switch self {
        case .directory(let error): error.location
        case .directoryUnsafe(let path, _), .noName(let path), .failed(_, let path, _), .notDurable(let path, _):
            path.string
        case .unknownUser, .unknownGroup: nil
        }
    }

    /// What is wrong and where.
    public var description: String {
        switch self {
        case .directory(let error): error.description
        case .directoryUnsafe(let path, let reason): "\(path): not a safe place for a private key: \(reason)"
        case .noName(let path): "\"\(path)\" does not end in the name of a file"
        case .failed(let step, let path, let error): "\(path): \(step.rawValue): \(error.words)"
        case .notDurable(let path, let error):
            "\(path): the new file is in place, but may be gone after a power loss: "
                + "cannot sync its directory: \(error.words)"
        case .unknownUser(let name): "no user named \(name)"
        case .unknownGroup(let name): "no group named \(name)"
        }
    }

    /// What an operator can do about it.
    public var remedy: String {
        switch self {
        case .directory(.missing(let path)): "make it, for root alone to write: install -d -m 0750 \(path)"
        case .directory(let error): error.remedy
        case .directoryUnsafe(let path, _):
            "let only root write it: chown root \(path); chmod go-w \(path)"
        case .noName: "name a file, such as /etc/haproxy/certs/site.pem: certd check shows where each bundle goes"
        case .failed(.setOwner, let path, .permissionDenied), .failed(.setOwner, let path, .notPermitted):
            "only root gives files away: run it as root, or leave out owner and group of \(path) in certd.toml"
        case .failed(_, let path, let error), .notDurable(let path, let error): error.remedy(for: path)
        case .unknownUser(let name): "see whether it exists: getent passwd \(name)"
        case .unknownGroup(let name): "see whether it exists: getent group \(name)"
        }
    }
}
