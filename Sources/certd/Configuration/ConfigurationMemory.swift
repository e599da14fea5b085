import Synchronization

/// What the configuration file said when it was parsed last.
///
/// TOMLKit 0.6 frees no document that it has parsed, some kilobytes each. So whoever reads the file again and again, as a
/// daemon that is told to reload, parses only what has changed.
final class ConfigurationMemory: Sendable {
    private struct Parsed {
        let path: String
        let bytes: [UInt8]
        let result: Result<ConfigurationFile, ConfigurationError>
    }

    private let last = Mutex<Parsed?>(nil)

    /// What the bytes of the file at `path` say, from memory where they are what they were.
    ///
    /// - Throws: ``ConfigurationError`` for whatever is not understood.
    func file(parsing bytes: [UInt8], at path: String) throws(ConfigurationError) -> ConfigurationFile {
        let result = last.withLock { last in
            if let last, last.path == path, last.bytes == bytes { return last.result }
            let result = Result { () throws(ConfigurationError) in try ConfigurationFile(parsing: bytes, at: path) }
            last = Parsed(path: path, bytes: bytes, result: result)
            return result
        }
        return try result.get()
    }
}
