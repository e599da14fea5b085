internal import CertKit
internal import SystemPackage

/// What `crt` and `crt-list` make HAProxy load, by the names that it then uses (seen on 2.6.12).
struct CertificateFiles {
    /// `crt-base` of the global section: put before names that do not begin with `/` or `@`.
    private let base: String?
    /// Where relative paths begin, as HAProxy sees it.
    private let directory: FilePath
    private let paths: PathMap
    private let stores: [String: CertificateStores.Entry]

    private(set) var names: [Listener.LoadedName] = []
    private(set) var lists: [Listener.CertificateList] = []
    private(set) var failures: [FileError] = []

    init(base: String?, directory: FilePath, paths: PathMap, stores: [String: CertificateStores.Entry] = [:]) {
        self.base = base
        self.directory = directory
        self.paths = paths
        self.stores = stores
    }

    /// Takes the argument of a `crt`: a file, a directory, the stem of a pair, or a name of a crt-store.
    mutating func addCertificate(_ argument: String) {
        let name = based(argument)
        if stores[name] == nil, isDirectory(name) {
            addDirectory(name.droppingFinalSlashes)
        } else {
            addFile(name, filters: [])
        }
    }

    /// Takes the argument of a `crt-list`, to which `crt-base` does not apply.
    mutating func addList(_ argument: String) {
        lists.append(.init(name: argument, isDirectory: false))
        do throws(FileError) {
            let contents = try readFile(at: located(argument), limit: HAProxyConfiguration.fileSizeLimit)
            for entry in contents.lines.compactMap({ CrtListEntry($0) }) {
                addFile(based(entry.certificate), filters: entry.filters)
            }
        } catch {
            failures.append(error)
        }
    }

    /// Whether a directory's file of this name is loaded: not a hidden one, and not what accompanies a certificate.
    static func isLoadable(_ name: some StringProtocol) -> Bool {
        guard !name.isEmpty, !name.hasPrefix("."), !name.contains("/") else { return false }
        return ![".key", ".ocsp", ".issuer", ".sctl"].contains { name.hasSuffix($0) }
    }

    private mutating func addFile(_ name: String, filters: [String]) {
        if let entry = stores[name] {
            names.append(
                .init(
                    name: name, serverNameFilters: filters, file: entry.file, keyFile: entry.key,
                    storedCompanions: entry.companions))
        } else {
            names += files(of: name).map {
                .init(name: $0, serverNameFilters: filters, file: $0.hasPrefix("@") ? nil : located($0))
            }
        }
    }

    /// The file itself, or where there is none, the pair that HAProxy looks for in its place.
    private func files(of name: String) -> [String] {
        guard !name.hasPrefix("@"), !exists(name) else { return [name] }
        let pair = ["dsa", "ecdsa", "rsa"].map { "\(name).\($0)" }.filter(exists)
        return pair.isEmpty ? [name] : pair
    }

    private mutating func addDirectory(_ name: String) {
        lists.append(.init(name: name, isDirectory: true))
        do throws(FileError) {
            let files = try DirectoryHandle(opening: located(name)).names()
                .filter { Self.isLoadable($0) && isRegularFile("\(name)/\($0)") }
            names += files.inByteOrder.map {
                .init(name: "\(name)/\($0)", serverNameFilters: [], file: located("\(name)/\($0)"))
            }
        } catch {
            failures.append(error)
        }
    }

    private func based(_ argument: String) -> String {
        guard let base, !argument.hasPrefix("/"), !argument.hasPrefix("@") else { return argument }
        return "\(base)/\(argument)"
    }

    private func located(_ name: String) -> FilePath { paths.onHost(directory.pushing(FilePath(name))) }

    private func exists(_ name: String) -> Bool { (try? located(name).stat()) != nil }
    private func isDirectory(_ name: String) -> Bool { (try? located(name).stat())?.type == .directory }
    private func isRegularFile(_ name: String) -> Bool { (try? located(name).stat())?.type == .regular }
}

extension String {
    fileprivate var droppingFinalSlashes: String {
        String(self[..<(lastIndex { $0 != "/" }.map(index(after:)) ?? startIndex)])
    }
}

extension Sequence<String> {
    /// As `strcmp` orders them, whatever the locale.
    var inByteOrder: [String] { sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }
}
