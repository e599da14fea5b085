internal import SystemPackage

/// The files of a lineage as they stood together at one moment.
///
/// Nothing keeps certbot from changing the lineage while it is read. So what the names are is read before and after the
/// files (a seqlock): where it is the same both times, it was so in between, since certbot writes an archive file once and
/// never links to a file that it writes again.
///
/// Links that have not changed for long are not read twice: making or removing one changes the directory's own times. Only
/// a change within the same tick of the file system's clock would leave them as they were, so they must be older than that.
struct Snapshot: Sendable {
    /// What the names led to.
    let names: LineageNames
    /// The files.
    let contents: LineageContents

    /// How long the names of a directory must have stood for its times to tell the next change; file systems keep times
    /// by 2 s and less.
    static let tick = Duration.seconds(2)

    /// Reads the names, the files and, where the directory itself does not tell, the names again; the private key's file
    /// only if it is wanted. It is `now` since 1970.
    ///
    /// - Throws: ``LineageError`` where they were no generation, at least at this moment.
    init(
        of lineage: Lineage, withKey: Bool = true, through view: borrowing some LineageView & ~Copyable,
        at now: Duration
    ) throws(LineageError) {
        let before = try? view.identity()
        let names = try LineageNames(of: lineage, through: view)
        let contents = try LineageError.naming(lineage) { () throws(FileError) in
            try LineageContents(withKey: withKey) { file throws(FileError) in
                try view.readFile(named: names.path(of: file))
            }
        }
        let isStill: Bool
        if case .links = names, let before, before.changed < now - Self.tick, let after = try? view.identity() {
            isStill = before == after
        } else {
            isStill = try names == LineageNames(of: lineage, through: view) && names.stillName(contents)
        }
        guard isStill else { throw .stillChanging(lineage: lineage.name) }
        (self.names, self.contents) = (names, contents)
    }

    /// When one of the files was last touched, since 1970.
    var lastChange: Duration { contents.all.map(\.identity.changed).max() ?? .zero }
}
