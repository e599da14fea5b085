public import SystemPackage

/// Why a lock was not had.
@nonexhaustive
public enum LockError: Diagnosis, Equatable {
    /// Somebody held it all the time.
    case held(path: FilePath, by: LockHolder?, waited: Duration)
    /// Something stands there that could be somebody else's file, so it is neither locked nor written.
    case notALockFile(path: FilePath)
    /// The system refused.
    case failed(path: FilePath, Errno)
}

/// The process that holds a lock, as the kernel tells.
public struct LockHolder: Sendable, Equatable {
    /// Its number.
    public let pid: Int32
    /// What it runs, such as `certd hook`.
    public let command: String

    /// Describes a process.
    public init(pid: Int32, command: String) {
        self.pid = pid
        self.command = command
    }
}

extension LockError {
    /// The rule of the catalogue this error falls under.
    public var findingID: FindingID { .deployFailed }

    /// The lock file.
    public var location: String? {
        switch self {
        case .held(let path, _, _), .notALockFile(let path), .failed(let path, _): path.string
        }
    }

    /// What is wrong and where.
    public var description: String {
        switch self {
        case .held(let path, .some(let holder), let waited):
            "\(path): process \(holder.pid) (\(holder.command.printable)) still holds the lock after \(waited.wholeSeconds) s"
        case .held(let path, nil, let waited):
            "\(path): another process still holds the lock after \(waited.wholeSeconds) s"
        case .notALockFile(let path): "\(path): not a lock file of certd: no regular file, or one with a second name"
        case .failed(let path, let error): "\(path): cannot lock: \(error.words)"
        }
    }

    /// What an operator can do about it.
    public var remedy: String {
        switch self {
        case .held(_, .some(let holder), _):
            "see what it is doing: ps -fp \(holder.pid); it frees the lock when it ends"
        case .held(let path, nil, _): "see who holds it: fuser -v \(path)"
        case .notALockFile(let path):
            "see what stands there: ls -li \(path); the next run makes a new one if it is gone"
        case .failed(let path, let error): error.remedy(for: path)
        }
    }
}

extension Duration {
    fileprivate var wholeSeconds: Int64 { components.seconds }
}
