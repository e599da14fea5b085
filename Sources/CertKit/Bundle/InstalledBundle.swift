public import SystemPackage

/// What stands at a bundle's path now, whoever wrote it.
public struct InstalledBundle: Sendable {
    /// The file as it was read.
    public let contents: FileContents
    /// The first certificate, which is the one that HAProxy serves.
    public let leaf: Certificate?
    /// The certificates after it, in the order of the file.
    public let chain: [Certificate]
    /// Whether the leaf's key stands in it, or in the file of its own that HAProxy looks for beside it, `PATH.key`.
    public let hasKey: Bool

    /// Reads and parses the file at `path`, and where it holds no key, the one beside it.
    ///
    /// - Throws: ``FileError`` where it is missing or cannot be read, ``PEMError`` where it is not PEM; the same for the
    ///   file beside it, except where that is missing.
    public static func read(at path: FilePath) throws -> InstalledBundle {
        let contents = try readFile(at: path)
        let parsed = try contents.parsed()
        let keys = parsed.keys.isEmpty ? try keysBeside(path) : parsed.keys
        let leaf = parsed.certificates.first
        return InstalledBundle(
            contents: contents, leaf: leaf, chain: Array(parsed.certificates.dropFirst()),
            // More than one key, and nobody can say which HAProxy takes.
            hasKey: leaf.map { keys.count == 1 && keys[0].matches($0) } ?? false)
    }

    private static func keysBeside(_ path: FilePath) throws -> [PrivateKey] {
        let contents: FileContents
        do throws(FileError) {
            contents = try readFile(at: FilePath(path.string + ".key"))
        } catch {
            guard case .missing = error else { throw error }
            return []
        }
        return try contents.parsed().keys
    }
}
