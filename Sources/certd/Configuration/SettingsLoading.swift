import CertKit
import SystemPackage

extension Settings {
    /// Reads the file and puts it together with the options and the environment.
    ///
    /// - Parameters:
    ///   - file: What `--config` named; nil where the environment or the usual place decides.
    ///   - overrides: The options of the command line that stand for keys of the file.
    ///   - environment: The variables of the process.
    ///   - memory: What was parsed last, which is not parsed again.
    ///   - read: Gives a file's bytes.
    /// - Returns: The defaults where nobody named a file and the usual one does not exist.
    /// - Throws: ``ConfigurationError`` for whatever is not understood; nothing is passed over.
    static func load(
        file: String?, overrides: [SettingOverride] = [], environment: [String: String],
        recalling memory: ConfigurationMemory = ConfigurationMemory(), read: (FilePath) throws(FileError) -> [UInt8]
    ) throws(ConfigurationError) -> Settings {
        let asked = askedFile(file, environment)
        let path = asked?.path ?? standardFile
        var contents: ConfigurationFile?
        if let bytes = try readIfPresent(path, asked: asked?.origin, read) {
            contents = try memory.file(parsing: bytes, at: path)
        }
        return try Settings(SettingSources(overrides: overrides, environment: environment, file: contents))
    }

    /// The file that somebody named, by the option or else by the environment; nil where nobody did.
    static func askedFile(
        _ option: String?, _ environment: [String: String]
    ) -> (path: String, origin: SettingOrigin)? {
        if let option { return (option, .flag("--config")) }
        guard let path = environment[SettingSources.fileVariable], !path.isEmpty else { return nil }
        return (path, .variable(SettingSources.fileVariable))
    }

    private static func readIfPresent(
        _ path: String, asked: SettingOrigin?, _ read: (FilePath) throws(FileError) -> [UInt8]
    ) throws(ConfigurationError) -> [UInt8]? {
        do throws(FileError) {
            return try read(FilePath(path))
        } catch {
            guard case .missing = error else { throw .unreadable(error) }
            guard let asked else { return nil }
            throw .missing(path: path, asked: asked)
        }
    }
}
