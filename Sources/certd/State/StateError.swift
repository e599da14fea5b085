import CertKit
import SystemPackage

/// Why the state directory cannot be used.
enum StateError: Diagnosis {
    /// It does not exist and cannot be made.
    case notCreated(FilePath, Errno)
    /// The failure of an earlier deployment cannot be forgotten, though this one succeeded.
    case notForgotten(FilePath, FileError)

    var description: String {
        switch self {
        case .notCreated(let path, let reason): "\(path): the state directory cannot be made: \(reason)"
        case .notForgotten(let path, let reason):
            "\(path): the lineage is deployed, but its earlier failure cannot be forgotten: \(reason)"
        }
    }
    var remedy: String {
        switch self {
        case .notCreated(let path, _):
            "make it as the user that runs certd: mkdir -p \(path); or name another with [paths] state in certd.toml"
        case .notForgotten(let path, _): "remove it: rm \(path)"
        }
    }
    var findingID: FindingID { .deployFailed }
}
