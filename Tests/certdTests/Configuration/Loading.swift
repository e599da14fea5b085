import CertKit
import SystemPackage

@testable import certd

/// Loads settings from text instead of the disk; the file's path is always `/etc/certd/certd.toml`.
func load(
    _ toml: String? = nil, overrides: [SettingOverride] = [], environment: [String: String] = [:]
) throws(ConfigurationError) -> Settings {
    try Settings.load(file: nil, overrides: overrides, environment: environment) { path throws(FileError) in
        guard let toml, path.string == "/etc/certd/certd.toml" else { throw .missing(path: path) }
        return Array(toml.utf8)
    }
}

/// What a person is told about the error that loading ends with; empty where it succeeds.
func refusal(
    _ toml: String? = nil, overrides: [SettingOverride] = [], environment: [String: String] = [:]
) -> [String] {
    do {
        _ = try load(toml, overrides: overrides, environment: environment)
        return []
    } catch {
        return ErrorReport(error)?.lines ?? []
    }
}
