internal import SystemPackage

/// One certificate of a lineage as far as everybody may know it: what dates, names and chain are judged by.
public struct KeylessGeneration: Sendable {
    /// The lineage.
    public let lineage: Lineage
    /// certbot's number, which grows with each renewal; nil where certbot does not keep it, and where it was not asked for.
    public let number: Int?
    /// The leaf.
    public let leaf: Certificate
    /// What stands beside the leaf in fullchain.pem, as issued.
    public let chain: [Certificate]
    /// The older generations; nil where certbot does not keep it, and where they were not asked for.
    public let archive: LineageArchive?
    /// The files that hold a private key: privkey.pem, and whatever it was copied into.
    let keyFiles: [LineageFile]
    /// What was seen while reading and does not keep the generation from being used.
    public internal(set) var remarks: [Finding]
}

extension KeylessGeneration {
    /// One of which nothing but fullchain.pem was read, and the leaf is first.
    init(of lineage: Lineage, leaf: Certificate, chain: [Certificate]) {
        (self.lineage, self.leaf, self.chain) = (lineage, leaf, chain)
        (number, archive, keyFiles, remarks) = (nil, nil, [.privkey], [])
    }

    /// Parses the three files of certificates and has them agree.
    ///
    /// - Throws: ``LineageError`` for the first thing in which they do not.
    init(
        of lineage: Lineage, number: Int?, archive: LineageArchive?, from contents: LineageContents,
        recalling memory: LineageMemory
    ) throws(LineageError) {
        let joined = CertificateFiles(joined: contents, recalling: memory)
        try self.init(of: lineage, number: number, archive: archive, from: contents, joined, recalling: memory)
    }

    /// The same where what the files hold together is known already; nil says that they have to be parsed one by one.
    init(
        of lineage: Lineage, number: Int?, archive: LineageArchive?, from contents: LineageContents,
        _ joined: CertificateFiles?, recalling memory: LineageMemory
    ) throws(LineageError) {
        let files =
            if let joined { joined } else {
                try LineageError.naming(lineage) { () throws(PEMError) in
                    try CertificateFiles(contents, recalling: memory)
                }
            }
        let fullchain = files.fullchain
        guard let first = fullchain.first else {
            throw .noCertificate(lineage: lineage.name, file: contents.fullchain.path.string)
        }
        // A fullchain.pem put together by hand may begin with an intermediate; cert.pem says which one is the leaf.
        guard let leaf = files.cert.first, let place = fullchain.firstIndex(of: leaf) else {
            throw .leavesDiffer(lineage: lineage.name)
        }
        (self.lineage, self.number, self.archive, self.leaf) = (lineage, number, archive, leaf)
        keyFiles = [.privkey] + files.withKey
        self.chain = fullchain.indices.filter { $0 != place }.map { fullchain[$0] }
        remarks = []
        if first != leaf { remarks.append(.leafIsNotFirst(in: lineage, first: first)) }
        if files.cert + files.chain != [leaf] + self.chain { remarks.append(.chainsDiffer(in: lineage)) }
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
