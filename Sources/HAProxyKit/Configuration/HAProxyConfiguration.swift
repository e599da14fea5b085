public import CertKit
public import SystemPackage

/// What haproxy.cfg says about TLS and the Runtime API: read just far enough to know what is served where.
///
/// It is no verdict on the file: what it does not know it passes over, and whether HAProxy takes the file,
/// `haproxy -c` tells.
public struct HAProxyConfiguration: Sendable {
    /// The `bind … ssl` lines, in the order of the files.
    public let listeners: [Listener]
    /// The Runtime API's sockets in the file system, in the order of the files.
    public let statsSockets: [StatsSocket]
    /// `mworker-max-reloads`: the reloads after which the master ends a worker with its sessions; nil where it is not given.
    public let mostReloads: Int?
    /// Directories and crt-lists that could not be read, so that the names they load are missing here.
    public let unreadable: [FileError]
    /// What HAProxy looks for beside certificates.
    public let companions: CompanionLookup
    /// `tune.bufsize` in bytes: a command with its payload must fit into it; nil where it is not set.
    public let bufferSize: Int?

    /// Which listeners load a name, and which load a directory: there may be thousands of both.
    private var indices: [String: Set<Int>] = [:]
    private var directoryIndices: [String: Set<Int>] = [:]
    /// What is loaded, by name and by file.
    private var loaded: [String: Listener.LoadedName] = [:]
    private var namesByFile: [FilePath: Set<String>] = [:]

    /// The largest configuration file and crt-list that are read, in bytes: 16 MiB.
    static let fileSizeLimit = 16 << 20

    /// Reads the configuration at `path`: a file, or a directory whose `*.cfg` files are taken in byte order, as HAProxy's
    /// `-f` does. `paths` tells where this host has what the configuration names.
    ///
    /// - Throws: CertKit's `FileError` where one of these files cannot be read.
    public init(reading path: FilePath, mapping paths: PathMap = PathMap()) throws(FileError) {
        var parser = ConfigurationParser(paths: paths)
        for file in try Self.files(at: path) {
            for (index, text) in try readFile(at: file, limit: Self.fileSizeLimit).lines.enumerated() {
                parser.take(ConfigurationLine(text, file: file.string, number: index + 1))
            }
        }
        listeners = parser.listeners
        statsSockets = parser.statsSockets
        unreadable = parser.unreadable
        mostReloads = parser.mostReloads
        companions = parser.companions
        bufferSize = parser.bufferSize
        for (index, listener) in listeners.enumerated() {
            for certificate in listener.certificates {
                indices[certificate.name, default: []].insert(index)
                loaded[certificate.name] = certificate
                guard let file = certificate.file?.lexicallyNormalized() else { continue }
                namesByFile[file, default: []].insert(certificate.name)
            }
            for list in listener.lists where list.isDirectory { directoryIndices[list.name, default: []].insert(index) }
        }
    }

    /// The listeners that load the certificate with this name, or will when HAProxy starts again, because it is in a
    /// directory that they load.
    ///
    /// A name is HAProxy's own: `/x//site.pem` is not `/x/site.pem`.
    public func listeners(loading name: String) -> [Listener] {
        indices[name, default: []].union(indicesOfDirectory(of: name)).sorted().map { listeners[$0] }
    }

    /// HAProxy's names for what it loads from `file`: of a crt-store, relative, or spelled otherwise; in byte order.
    public func names(of file: FilePath) -> [String] {
        namesByFile[file.lexicallyNormalized(), default: []].inByteOrder
    }

    /// The file behind one of HAProxy's names; nil where no bind line loads it.
    public func file(named name: String) -> FilePath? { loaded[name]?.file }

    /// The file that a crt-store loads the key of the certificate in `file` from; nil where it is the same one, or none is
    /// named and HAProxy looks by itself.
    public func keyFile(of file: FilePath) -> FilePath? {
        let keys = names(of: file).compactMap { loaded[$0]?.keyFile?.lexicallyNormalized() }
        return keys.first { $0 != file.lexicallyNormalized() }
    }

    /// Where the companions of the certificate with this name, which stands in `file`, are, if they are there.
    public func companionFiles(of name: String, at file: FilePath) -> [Companion: FilePath] {
        loaded[name]?.storedCompanions ?? companions.files(beside: file)
    }

    private func indicesOfDirectory(of name: String) -> Set<Int> {
        guard let slash = name.lastIndex(of: "/"), CertificateFiles.isLoadable(name[name.index(after: slash)...]) else {
            return []
        }
        return directoryIndices[String(name[..<slash]), default: []]
    }

    private static func files(at path: FilePath) throws(FileError) -> [FilePath] {
        guard (try? path.stat())?.type == .directory else { return [path] }
        return try DirectoryHandle(opening: path).names()
            .filter { $0.hasSuffix(".cfg") && !$0.hasPrefix(".") }.inByteOrder
            .map { path.appending($0) }
    }
}
