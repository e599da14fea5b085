import ArgumentParser
import CertKit
import FoundationEssentials
import SystemPackage

/// The options that every command has.
struct GlobalOptions: ParsableArguments {
    @Option(
        name: .customLong("config"),
        help: ArgumentHelp("Read this configuration file.", valueName: "file"), completion: .file(extensions: ["toml"]))
    var configuration: String?

    /// The configuration's file, whether or not it is there.
    var file: FilePath {
        let asked = Settings.askedFile(configuration, ProcessInfo.processInfo.environment)
        return FilePath(asked?.path ?? Settings.standardFile)
    }

    /// The configuration in force, with a command's own options above everything else.
    func settings(
        overriding overrides: [SettingOverride] = [], recalling memory: ConfigurationMemory = ConfigurationMemory()
    ) throws(ConfigurationError) -> Settings {
        try Settings.load(
            file: configuration, overrides: overrides, environment: ProcessInfo.processInfo.environment,
            recalling: memory
        ) { path throws(FileError) in
            try readFile(at: path).bytes.withSpan { bytes in bytes.indices.map { bytes[$0] } }
        }
    }
}
