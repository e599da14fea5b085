import CertKit

/// What can be wrong with the configuration, wherever it was written.
enum ConfigurationError: Diagnosis, Equatable {
    /// The file that was asked for does not exist.
    case missing(path: String, asked: SettingOrigin)
    /// The file cannot be read.
    case unreadable(FileError)
    /// The file is not TOML.
    case notTOML(reason: String, origin: SettingOrigin)
    /// A table or key that this version does not know.
    case unknownKey(String, nearest: String?, origin: SettingOrigin)
    /// A `CERTD_…` variable that means nothing.
    case unknownVariable(String, nearest: String?)
    /// A value of another type than the key takes.
    case wrongType(String, found: String, wanted: String, origin: SettingOrigin)
    /// A value that cannot be meant.
    case impossible(SettingKey, reason: String, origin: SettingOrigin)
    /// An entry without a key that it must have.
    case incompleteEntry(missing: SettingKey, origin: SettingOrigin)
    /// Two entries for what can have only one.
    case duplicateEntry(SettingKey, value: String, first: SettingOrigin, origin: SettingOrigin)

    var description: String {
        switch self {
        case .missing(let path, let asked): "the configuration file does not exist (\(path), \(asked))"
        case .unreadable(let error): "the configuration cannot be read: \(error)"
        case .notTOML(let reason, let origin): "not valid TOML: \(reason) (\(origin))"
        case .unknownKey(let key, _, let origin): "unknown key \(key) (\(origin))"
        case .unknownVariable(let name, _): "unknown environment variable \(name)"
        case .wrongType(let key, let found, let wanted, let origin):
            "\(key) must be \(wanted), not \(found) (\(origin))"
        case .impossible(let key, let reason, let origin): "\(key.rawValue): \(reason) (\(origin))"
        case .incompleteEntry(let key, let origin): "a [[bundle]] entry has no \(key.name) (\(origin))"
        case .duplicateEntry(let key, let value, let first, let origin):
            "two [[bundle]] entries have the \(key.name) \(value) (\(origin)\(first.line.map { " and \($0)" } ?? ""))"
        }
    }

    var remedy: String {
        switch self {
        case .missing(_, let asked):
            "name a file that exists, or leave \(asked.place ?? "it") out to use \(Settings.standardFile)"
        case .unreadable(let error): error.remedy
        case .notTOML: "mend it; https://toml.io has the format"
        case .unknownKey(_, let nearest?, _), .unknownVariable(_, let nearest?): "did you mean \(nearest)?"
        case .unknownKey(let key, nil, _): "take it out; \(ConfigurationError.known(beside: key))"
        case .unknownVariable(let name, nil): "take it out with: unset \(name)"
        case .wrongType(let key, _, let wanted, let origin):
            SettingKey(rawValue: key)?.written(in: origin) ?? "write it as \(wanted)"
        case .impossible(let key, _, let origin), .incompleteEntry(let key, let origin): key.written(in: origin)
        case .duplicateEntry: "take one of the two out"
        }
    }

    var findingID: FindingID { .configurationInvalid }

    /// Whether the same configuration may be taken a moment later: the disk or the system's limits kept it from being read.
    var mayPass: Bool {
        switch self {
        case .unreadable(.unreadable), .unreadable(.changedWhileRead): true
        default: false
        }
    }

    var location: String? {
        switch self {
        case .missing(let path, _): path
        case .unreadable(let error): error.location
        case .unknownVariable(let name, _): name
        default: origin?.place
        }
    }

    var line: Int? { origin?.line }

    private var origin: SettingOrigin? {
        switch self {
        case .notTOML(_, let origin), .unknownKey(_, _, let origin), .wrongType(_, _, _, let origin),
            .impossible(_, _, let origin), .incompleteEntry(_, let origin), .duplicateEntry(_, _, _, let origin),
            .missing(_, let origin):
            origin
        case .unreadable, .unknownVariable: nil
        }
    }

    /// What may stand where an unknown key stood.
    private static func known(beside key: String) -> String {
        let section = key.prefix { $0 != "." }
        let names = SettingKey.keys(of: section).map { String($0.name) }
        guard names.isEmpty else { return "section \(section) has: \(names.joined(separator: ", "))" }
        return "there are the sections: \(SettingKey.sections.joined(separator: ", "))"
    }
}

extension SettingKey {
    /// The key's example, as it would be written there.
    fileprivate func written(in origin: SettingOrigin) -> String {
        switch origin {
        case .flag(let flag): "write for example: \(flag) \(example.plain)"
        case .variable(let variable): "write for example: \(variable)=\(example.plain)"
        case .file, .standard: "write for example: \(name) = \(example.toml)"
        }
    }
}

extension ConfigurationError: UsageDiagnosis {
    /// An option's value is the caller's; files and variables are the host's.
    var blamesArguments: Bool {
        guard case .flag = origin else { return false }
        return true
    }
}
