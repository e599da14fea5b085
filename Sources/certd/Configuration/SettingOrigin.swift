/// Where a value was written, so that an error can say where to mend it.
enum SettingOrigin: Hashable, Sendable, CustomStringConvertible {
    /// An option of the command line, as `--trust`.
    case flag(String)
    /// A variable of the environment.
    case variable(String)
    /// The configuration file; the line where it could be told, and which `[[bundle]]` entry, counted from 1.
    case file(String, line: Int?, entry: Int? = nil)
    /// Nowhere: the key's own default.
    case standard

    var description: String {
        switch self {
        case .flag(let name), .variable(let name): "from \(name)"
        case .file(let path, let line?, _): "\(path), line \(line)"
        case .file(let path, nil, let entry?): "\(path), [[bundle]] \(entry)"
        case .file(let path, nil, nil): path
        case .standard: "the default"
        }
    }

    /// The file or the name of the flag or variable.
    var place: String? {
        switch self {
        case .flag(let name), .variable(let name), .file(let name, _, _): name
        case .standard: nil
        }
    }

    var line: Int? {
        guard case .file(_, let line, _) = self else { return nil }
        return line
    }
}
