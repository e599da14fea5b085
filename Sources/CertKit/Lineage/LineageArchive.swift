public import SystemPackage

/// certbot's older and newer generations of a lineage: the current one and five before it, as a rule.
public struct LineageArchive: Sendable, Equatable {
    /// The lineage.
    public let lineage: Lineage
    /// Where the numbered files are.
    public let directory: FilePath

    /// The archive at certbot's usual place; ``Generation/archive`` knows better where one was read.
    ///
    /// Nil for a lineage that certbot does not keep.
    public init?(of lineage: Lineage) {
        guard lineage.isCertbots else { return nil }
        let letsencrypt = lineage.directory.removingLastComponent().removingLastComponent()
        self.init(of: lineage, at: letsencrypt.appending("archive").appending(lineage.name))
    }

    init(of lineage: Lineage, at directory: FilePath) {
        (self.lineage, self.directory) = (lineage, directory)
    }

    /// The numbers of which all four files are there, oldest first; they may still be half written.
    ///
    /// - Throws: ``LineageError/file(lineage:_:)`` where the archive cannot be read.
    public func numbers() throws(LineageError) -> [Int] {
        let names = try LineageError.naming(lineage) { () throws(FileError) in
            try DirectoryHandle(opening: directory).names()
        }
        let found = ForEachFile { file in Set(names.compactMap(file.number(of:))) }.all
        return found.reduce(found[0]) { $0.intersection($1) }.sorted()
    }

    /// Reads generation `number`.
    ///
    /// - Throws: ``LineageError``, also for one that certbot is writing.
    public func generation(_ number: Int) throws(LineageError) -> Generation {
        let contents = try LineageError.naming(lineage) { () throws(FileError) in
            let archive = try DirectoryHandle(opening: directory)
            return try LineageContents(withKey: true) { file throws(FileError) in
                try archive.readFile(named: file.name(in: number))
            }
        }
        return try Generation(
            of: lineage, number: number, archive: self, from: contents, recalling: LineageMemory(signatures: nil))
    }

    /// Reads the generation whose leaf `matches`, the newest where there are several; nil where there is none.
    ///
    /// Generations that cannot be read are passed over: they cannot be what is served.
    /// - Throws: ``LineageError/file(lineage:_:)`` where the archive cannot be read.
    public func generation(where matches: (Certificate) -> Bool) throws(LineageError) -> Generation? {
        for number in try numbers().reversed() {
            if let generation = try? generation(number), matches(generation.leaf) {
                return generation
            }
        }
        return nil
    }

    /// The number of the newest generation with this leaf; nil where there is none. Only leaves are read for it.
    ///
    /// - Throws: ``LineageError/file(lineage:_:)`` where the archive cannot be read.
    public func number(of leaf: Certificate) throws(LineageError) -> Int? {
        let numbers = try numbers()
        return try LineageError.naming(lineage) { () throws(FileError) in
            let archive = try DirectoryHandle(opening: directory)
            return numbers.last { number in
                let contents = try? archive.readFile(named: LineageFile.cert.name(in: number))
                return contents?.certificates?.first == leaf
            }
        }
    }
}

extension FileContents {
    /// What stands in it, where that is PEM.
    fileprivate var certificates: [Certificate]? {
        bytes.withSpan { text in (try? PEMContents(parsing: text, file: ""))?.certificates }
    }
}
