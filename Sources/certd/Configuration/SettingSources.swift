import CertKit

/// A value as somebody wrote it for a key.
struct WrittenSetting: Sendable {
    let key: SettingKey
    let value: SettingValue
    /// Where it was written: found out when an error needs it, since a line in a file costs a look through the text.
    let origin: @Sendable () -> SettingOrigin
}

/// An option of the command line that stands for a key of the configuration.
struct SettingOverride: Equatable, Sendable {
    let key: SettingKey
    let value: SettingValue
    /// As the operator typed it: `--trust`.
    let flag: String
}

/// Everything that was written, in the order in which it counts: flags, environment, file, the supervisor's hint.
struct SettingSources: Sendable {
    private let overrides: [SettingOverride]
    private let environment: [String: String]
    let file: ConfigurationFile?

    /// - Throws: ``ConfigurationError/unknownVariable(_:nearest:)`` for a `CERTD_…` variable that would go unread.
    init(
        overrides: [SettingOverride], environment: [String: String], file: ConfigurationFile?
    ) throws(ConfigurationError) {
        let known = SettingKey.allCases.compactMap(\.variable) + SettingSources.otherVariables
        let unknown = environment.keys.filter { $0.hasPrefix("CERTD_") && !known.contains($0) }
        if let name = unknown.min() { throw .unknownVariable(name, nearest: nearest(to: name, among: known)) }
        self.overrides = overrides
        self.environment = environment
        self.file = file
    }

    /// What was written for `key`; nil where nobody wrote anything.
    func written(_ key: SettingKey) -> WrittenSetting? {
        if let override = overrides.last(where: { $0.key == key }) {
            return WrittenSetting(key: key, value: override.value) { .flag(override.flag) }
        }
        if let name = key.variable, let text = environment[name] {
            return WrittenSetting(key: key, value: key.value(ofVariable: text)) { .variable(name) }
        }
        if let file, let value = file.values[key] {
            return WrittenSetting(key: key, value: value) { file.origin(of: key) }
        }
        if let name = key.inheritedVariable, let paths = environment[name], let path = paths.split(separator: ":").first
        {
            return WrittenSetting(key: key, value: .text(String(path))) { .variable(name) }
        }
        return nil
    }

    /// The same, or the default of a key that has one.
    func value(_ key: SettingKey) -> WrittenSetting {
        written(key) ?? WrittenSetting(key: key, value: key.example) { .standard }
    }

    /// The variable that names the configuration file.
    static let fileVariable = "CERTD_CONFIG"

    /// The variables that other parts read: the hooks.
    private static let otherVariables = [fileVariable, "CERTD_BINARY"]
}

extension SettingKey {
    /// A variable's text; a list's members are separated by commas, and an empty text is an empty list.
    fileprivate func value(ofVariable text: String) -> SettingValue {
        guard case .list = example else { return .text(text) }
        let members = text.split(separator: ",", omittingEmptySubsequences: false)
        return text.isEmpty ? [] : .list(members.map { String($0.trimmingPrefix(" ")) })
    }
}
