internal import FoundationEssentials
internal import SystemPackage

/// What a server is given of a lineage, read by itself: fullchain.pem, and privkey.pem where that is wanted.
///
/// It takes no look at certbot's links to see that these two belong together: the key is the leaf's, or it is not. Where
/// anything about them is not as it should be, or has been touched a moment ago, there is none; the whole lineage then
/// tells why.
struct ServedPair {
    let withoutKey: KeylessGeneration
    /// Nil where it was not wanted.
    let key: PrivateKey?

    init?(of lineage: Lineage, withKey: Bool, at now: Duration, recalling memory: LineageMemory) {
        guard lineage.isCertbots, let directory = try? DirectoryHandle(opening: lineage.directory),
            let fullchain = directory.quiet(.fullchain, at: now), let sent = try? memory.parse(fullchain),
            sent.keys.isEmpty, let leaf = sent.certificates.first, !leaf.isCA
        else { return nil }
        withoutKey = KeylessGeneration(of: lineage, leaf: leaf, chain: Array(sent.certificates.dropFirst()))
        guard withKey else {
            key = nil
            return
        }
        guard let privkey = directory.quiet(.privkey, at: now),
            let key = try? memory.parse(privkey, expecting: leaf.publicKey).soleKey(of: privkey.path.string),
            key.matches(leaf)
        else { return nil }
        self.key = key
    }
}

extension DirectoryHandle {
    /// A file that nobody can be writing; nil where that is not certain, or it cannot be read.
    fileprivate borrowing func quiet(_ file: LineageFile, at now: Duration) -> FileContents? {
        guard let contents = try? readFile(named: file.name) as FileContents,
            contents.identity.changed < now - GenerationReader.quiet
        else { return nil }
        return contents
    }
}
