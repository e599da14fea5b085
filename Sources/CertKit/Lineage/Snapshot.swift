internal import SystemPackage

/// The files of a lineage as they stood together at one moment.
///
/// Nothing keeps certbot from changing the lineage while it is read. So what the names are is read before and after the
/// files (a seqlock): where it is the same both times, it was so in between, since certbot writes an archive file once and
/// never links to a file that it writes again.
struct Snapshot: Sendable {
    /// What the names led to.
    let names: LineageNames
    /// The files.
    let contents: LineageContents

    /// Reads the names, the files and the names again; the private key's file only if it is wanted.
    ///
    /// - Throws: ``LineageError`` where they were no generation, at least at this moment.
    init(
        of lineage: Lineage, withKey: Bool = true, through view: borrowing some LineageView & ~Copyable
    ) throws(LineageError) {
        let names = try LineageNames(of: lineage, through: view)
        let contents = try LineageError.naming(lineage) { () throws(FileError) in
            try LineageContents(withKey: withKey) { file throws(FileError) in
                try view.readFile(named: names.path(of: file))
            }
        }
        guard try names == LineageNames(of: lineage, through: view), names.stillName(contents) else {
            throw .stillChanging(lineage: lineage.name)
        }
        (self.names, self.contents) = (names, contents)
    }

    /// When one of the files was last touched, since 1970.
    var lastChange: Duration { contents.all.map(\.identity.changed).max() ?? .zero }
}
