internal import SystemPackage

/// One certificate of a lineage with everything that a server needs of it, read at one moment.
///
/// Its parts agree: the key is the leaf's, and the files name the same leaf. Whether the certificate is any good is for the
/// findings to say.
public struct Generation: Sendable {
    /// All of it but the key.
    public internal(set) var withoutKey: KeylessGeneration
    /// The leaf's private key.
    public let key: PrivateKey

    /// The lineage.
    public var lineage: Lineage { withoutKey.lineage }
    /// certbot's number, which grows with each renewal; nil where certbot does not keep it.
    public var number: Int? { withoutKey.number }
    /// The leaf.
    public var leaf: Certificate { withoutKey.leaf }
    /// What stands beside the leaf in fullchain.pem, as issued.
    public var chain: [Certificate] { withoutKey.chain }
    /// The older generations; nil where certbot does not keep it.
    public var archive: LineageArchive? { withoutKey.archive }
    /// What was seen while reading and does not keep the generation from being used.
    public var remarks: [Finding] { withoutKey.remarks }
}

extension Generation {
    /// Parses the four files and has them agree.
    ///
    /// - Throws: ``LineageError`` for the first thing in which they do not. A chain.pem that differs is only remarked on,
    ///   since fullchain.pem is what counts.
    init(
        of lineage: Lineage, number: Int?, archive: LineageArchive?, from contents: LineageContents,
        recalling memory: LineageMemory
    ) throws(LineageError) {
        guard let file = contents.privkey else {
            throw .file(lineage: lineage.name, .missing(path: lineage.directory.appending(LineageFile.privkey.name)))
        }
        // Where the certificates are sound, what is wrong with the key is all that can be; else it is told first.
        let joined = CertificateFiles(joined: contents, recalling: memory)
        let key = try LineageError.naming(lineage) { () throws(PEMError) in
            try memory.parse(file, expecting: joined?.cert.first?.publicKey).soleKey(of: file.path.string)
        }
        let withoutKey = try KeylessGeneration(
            of: lineage, number: number, archive: archive, from: contents, joined, recalling: memory)
        guard key.matches(withoutKey.leaf) else { throw .keyMismatch(lineage: lineage.name) }
        (self.withoutKey, self.key) = (withoutKey, key)
    }
}
