internal import SystemPackage

/// What the names of a lineage lead to; two equal ones frame a moment in which nothing changed.
enum LineageNames: Equatable {
    /// certbot's links, all to one generation.
    case links(ForEachFile<ArchivedFile>, isUpdating: Bool)
    /// Anything else, told apart by what the names lead to in the end.
    case files(ForEachFile<FileIdentity>)
}

/// A file in certbot's archive.
struct ArchivedFile: Equatable {
    /// The path as the link has it: relative to the lineage's directory.
    let path: String
    /// The archive's directory, relative in the same way.
    let directory: String
    /// certbot's number.
    let number: Int

    /// What `link` leads to; nil unless it is certbot's for `file`.
    init?(_ link: Link, for file: LineageFile) {
        guard case .to(let path) = link else { return nil }
        let name = path[(path.utf8.lastIndex(of: UInt8(ascii: "/")).map(path.utf8.index(after:)) ?? path.startIndex)...]
        guard let number = file.number(of: name) else { return nil }
        (self.path, directory, self.number) = (path, String(path[..<name.startIndex]), number)
    }
}

extension LineageNames {
    /// Looks at every name.
    ///
    /// - Throws: ``LineageError`` where a name is missing or the links are not of one generation.
    init(of lineage: Lineage, through view: borrowing some LineageView & ~Copyable) throws(LineageError) {
        let links = try LineageError.naming(lineage) { () throws(FileError) in
            try ForEachFile { file throws(FileError) in try view.link(at: file.name) }
        }
        for file in LineageFile.allCases where links[file] == .missing {
            throw .file(lineage: lineage.name, .missing(path: lineage.directory.appending(file.name)))
        }
        guard lineage.isCertbots, let archived = links.compacted({ ArchivedFile($1, for: $0) }) else {
            self = try .files(LineageNames.identities(of: lineage, through: view))
            return
        }
        guard archived.all.allSatisfy({ ($0.number, $0.directory) == (archived.cert.number, archived.cert.directory) })
        else { throw .mixed(lineage: lineage.name, links: archived.all.map(\.path)) }
        let previous = try LineageError.naming(lineage) { () throws(FileError) in
            try ForEachFile { file throws(FileError) in try view.link(at: file.previousName) }
        }
        self = .links(archived, isUpdating: previous.all.contains { $0 != .missing })
    }

    private static func identities(
        of lineage: Lineage, through view: borrowing some LineageView & ~Copyable
    ) throws(LineageError) -> ForEachFile<FileIdentity> {
        try LineageError.naming(lineage) { () throws(FileError) in
            try ForEachFile { file throws(FileError) in
                guard let identity = try view.identity(of: file.name) else {
                    throw .missing(path: lineage.directory.appending(file.name))
                }
                return identity
            }
        }
    }

    /// The path to open: a link's text where that is known, so that the file is the one that was looked at.
    func path(of file: LineageFile) -> String {
        switch self {
        case .links(let archived, _): archived[file].path
        case .files: file.name
        }
    }

    /// Whether `contents` are what was looked at.
    func stillName(_ contents: LineageContents) -> Bool {
        switch self {
        case .links: true
        case .files(let identities):
            LineageFile.allCases.allSatisfy { file in
                contents[file].map { $0.identity == identities[file] } ?? true
            }
        }
    }
}
