public import SystemPackage

/// What stands at a bundle's path now, whoever wrote it.
public struct InstalledBundle: Sendable {
    /// The file as it was read.
    public let contents: FileContents
    /// The first certificate, which is the one that HAProxy serves.
    public let leaf: Certificate?
    /// The certificates after it, in the order of the file.
    public let chain: [Certificate]
    /// Whether a key stands in it, or in the file of its own that HAProxy looks for beside it.
    public let hasKey: Bool

    /// Reads and parses the file at `path`.
    ///
    /// - Throws: ``FileError`` where it is missing or cannot be read, ``PEMError`` where it is not PEM.
    public static func read(at path: FilePath) throws -> InstalledBundle {
        let contents = try readFile(at: path)
        let parsed = try contents.bytes.withSpan { text throws(PEMError) in
            try PEMContents(parsing: text, file: path.string)
        }
        return InstalledBundle(
            contents: contents, leaf: parsed.certificates.first, chain: Array(parsed.certificates.dropFirst()),
            hasKey: !parsed.keys.isEmpty)
    }
}
