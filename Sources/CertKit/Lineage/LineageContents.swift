/// What was read of a lineage's files.
struct LineageContents: Sendable {
    let cert: FileContents
    /// Nil where nobody asked for the private key.
    let privkey: FileContents?
    let chain: FileContents
    let fullchain: FileContents

    /// Reads the files in certbot's order, the private key's only if it is wanted.
    init(withKey: Bool, _ read: (LineageFile) throws(FileError) -> FileContents) throws(FileError) {
        cert = try read(.cert)
        privkey = withKey ? try read(.privkey) : nil
        chain = try read(.chain)
        fullchain = try read(.fullchain)
    }

    subscript(file: LineageFile) -> FileContents? {
        switch file {
        case .cert: cert
        case .privkey: privkey
        case .chain: chain
        case .fullchain: fullchain
        }
    }

    /// All that was read, in certbot's order.
    var all: [FileContents] { LineageFile.allCases.compactMap { self[$0] } }
}
