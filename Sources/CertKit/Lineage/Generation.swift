internal import SystemPackage

/// One certificate of a lineage with everything that a server needs of it, read at one moment.
///
/// Its parts agree: the key is the leaf's, and the files name the same leaf. Whether the certificate is any good is for the
/// findings to say.
public struct Generation: Sendable {
    /// The lineage.
    public let lineage: Lineage
    /// certbot's number, which grows with each renewal; nil where certbot does not keep it.
    public let number: Int?
    /// The leaf.
    public let leaf: Certificate
    /// What stands beside the leaf in fullchain.pem, as issued.
    public let chain: [Certificate]
    /// The leaf's private key.
    public let key: PrivateKey
    /// The older generations; nil where certbot does not keep it.
    public let archive: LineageArchive?
    /// The files that hold a private key: privkey.pem, and whatever it was copied into.
    var keyFiles: [LineageFile] = [.privkey]
    /// What was seen while reading and does not keep the generation from being used.
    public internal(set) var remarks: [Finding]
}

extension Generation {
    /// Parses the four files and has them agree.
    ///
    /// - Throws: ``LineageError`` for the first thing in which they do not. A chain.pem that differs is only remarked on,
    ///   since fullchain.pem is what counts.
    init(
        of lineage: Lineage, number: Int?, archive: LineageArchive?, from contents: ForEachFile<FileContents>
    ) throws(LineageError) {
        let name = lineage.name
        let key: PrivateKey
        let cert: [Certificate]
        let chain: [Certificate]
        let fullchain: [Certificate]
        var keyFiles = [LineageFile.privkey]
        func certificates(_ file: LineageFile) throws(PEMError) -> [Certificate] {
            let parsed = try contents[file].parsed()
            if !parsed.keys.isEmpty { keyFiles.append(file) }
            return parsed.certificates
        }
        do throws(PEMError) {
            key = try contents.privkey.parsed().soleKey()
            cert = try certificates(.cert)
            // Without intermediates certbot writes nothing at all.
            chain = contents.chain.bytes.count == 0 ? [] : try certificates(.chain)
            fullchain = try certificates(.fullchain)
        } catch {
            throw .pem(lineage: name, error)
        }
        guard let first = fullchain.first else {
            throw .noCertificate(lineage: name, file: contents.fullchain.path.string)
        }
        // A fullchain.pem put together by hand may begin with an intermediate; cert.pem says which one is the leaf.
        guard let leaf = cert.first, let place = fullchain.firstIndex(of: leaf) else {
            throw .leavesDiffer(lineage: name)
        }
        guard key.matches(leaf) else { throw .keyMismatch(lineage: name) }

        (self.lineage, self.number, self.archive, self.leaf, self.key) = (lineage, number, archive, leaf, key)
        self.keyFiles = keyFiles
        self.chain = fullchain.indices.filter { $0 != place }.map { fullchain[$0] }
        remarks = []
        if first != leaf { remarks.append(.leafIsNotFirst(in: lineage, first: first)) }
        if cert + chain != [leaf] + self.chain { remarks.append(.chainsDiffer(in: lineage)) }
    }
}

extension FileContents {
    /// What the file holds.
    func parsed() throws(PEMError) -> PEMContents {
        try bytes.withSpan { text throws(PEMError) in try PEMContents(parsing: text, file: path.string) }
    }
}

extension Finding {
    fileprivate static func leafIsNotFirst(in lineage: Lineage, first: Certificate) -> Finding {
        Finding(
            .chainOrder,
            "\(lineage): fullchain.pem begins with \(first.subject) instead of the leaf, and a server sends it so",
            remedy: "certd deploy \(lineage) puts the leaf first; issue it anew to have the file right: "
                + "certbot renew --force-renewal --cert-name \(lineage)",
            location: lineage.directory.appending("fullchain.pem").string)
    }

    fileprivate static func chainsDiffer(in lineage: Lineage) -> Finding {
        Finding(
            .filesDisagree, severity: .warning,
            "\(lineage): cert.pem and chain.pem together are not fullchain.pem, which is used as it is",
            remedy: "see where they differ: diff \(lineage.directory)/chain.pem \(lineage.directory)/fullchain.pem")
    }
}
