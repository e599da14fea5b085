public import SystemPackage

/// What stands at a bundle's path now, whoever wrote it.
public struct InstalledBundle: Sendable {
    /// The file as it was read.
    public let contents: FileContents
    /// The key's own file as it was read, where one is expected and stands there.
    public let keyContents: FileContents?
    /// The first certificate, which is the one that HAProxy serves.
    public let leaf: Certificate?
    /// The certificates after it, in the order of the file.
    public let chain: [Certificate]
    /// The only key in it, else in its own file, whosever it is; nil where there is none or more than one.
    public let soleKey: PrivateKey?
    /// The file that a private key stands in, and its identity; nil where there is none.
    public let keyFile: (path: FilePath, identity: FileIdentity)?
    private let isInTwoFiles: Bool

    /// Whether the leaf's key stands in it, or in the file that HAProxy looks for instead.
    public var hasKey: Bool { leaf.map { soleKey?.matches($0) ?? false } ?? false }

    /// The bytes of its files.
    public var bytes: BundleBytes { BundleBytes(main: contents.bytes, key: keyContents?.bytes) }

    /// Whether these are the canonical bytes of `bundle`, in as many files as are expected.
    public func isExactly(_ bundle: Bundle) -> Bool { bytes == bundle.bytes(inTwoFiles: isInTwoFiles) }

    /// Reads and parses the file at `path`, and the key's own at `keyPath`; without one, and where the file holds no key,
    /// the one beside it that HAProxy looks for, `PATH.key`.
    ///
    /// - Throws: ``FileError`` where it is missing or cannot be read, ``PEMError`` where it is not PEM; the same for the
    ///   key's file, except where that is missing.
    public static func read(at path: FilePath, keyAt keyPath: FilePath? = nil) throws -> InstalledBundle {
        let contents = try readFile(at: path)
        let parsed = try contents.parsed()
        let keyContents = try keyPath.flatMap { try readFileUnlessMissing(at: $0) }
        let besideIt = FilePath("\(path).key")
        let beside = parsed.keys.isEmpty && keyPath == nil ? try readFileUnlessMissing(at: besideIt) : nil
        // HAProxy looks for the second file only where the first has no key.
        let keys = parsed.keys.isEmpty ? try (keyContents ?? beside)?.parsed().keys ?? [] : parsed.keys
        return InstalledBundle(
            contents: contents, keyContents: keyContents, leaf: parsed.certificates.first,
            chain: Array(parsed.certificates.dropFirst()), soleKey: keys.count == 1 ? keys[0] : nil,
            keyFile: keys.isEmpty ? nil : (parsed.keys.isEmpty ? keyContents ?? beside : contents)?.place,
            isInTwoFiles: keyPath != nil)
    }
}

extension FileContents {
    fileprivate var place: (path: FilePath, identity: FileIdentity) { (path, identity) }
}
