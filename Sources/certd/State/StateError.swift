import CertKit
import SystemPackage

/// Why the state directory cannot be used.
enum StateError: Diagnosis {
    /// It does not exist and cannot be made.
    case notCreated(FilePath, Errno)
    /// The failure of an earlier deployment cannot be forgotten, though this one succeeded.
    case notForgotten(FilePath, FileError)
    /// What holds a lineage back cannot be read, or, without a reason, not be understood.
    case pinUnreadable(FilePath, lineage: String, FileError?)

    var description: String {
        switch self {
        case .notCreated(let path, let reason): "\(path): the state directory cannot be made: \(reason)"
        case .notForgotten(let path, let reason):
            "\(path): the lineage is deployed, but its earlier failure cannot be forgotten: \(reason)"
        case .pinUnreadable(let path, _, let reason):
            "the generation that a rollback holds it at cannot be told: \(reason.map { "\($0)" } ?? "\(path) is no pin")"
        }
    }
    var remedy: String {
        switch self {
        case .notCreated(let path, _):
            "make it as the user that runs certd: mkdir -p \(path); or name another with [paths] state in certd.toml"
        case .notForgotten(let path, _): "remove it: rm \(path)"
        case .pinUnreadable(_, let lineage, _):
            "hold it again: certd rollback --to N \(lineage); or follow certbot: certd rollback --unpin \(lineage)"
        }
    }
    var findingID: FindingID {
        switch self {
        case .notCreated, .notForgotten: .deployFailed
        case .pinUnreadable: .fileUnreadable
        }
    }
}
