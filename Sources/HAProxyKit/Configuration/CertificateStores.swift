internal import SystemPackage

/// The certificates of the `crt-store` sections (HAProxy 3.0 and later), by the names that bind lines use for them.
struct CertificateStores {
    /// One `load` line.
    struct Entry {
        let file: FilePath
        let key: FilePath?
        let companions: [Companion: FilePath]
    }

    private(set) var entries: [String: Entry] = [:]
    private var store = ""
    private var certificateBase: String?
    private var keyBase: String?

    /// Begins a section; the store without a name has the empty one.
    mutating func begin(_ name: String) {
        store = name
        (certificateBase, keyBase) = (nil, nil)
    }

    /// Takes a line of the section; relative paths without a base begin at `directory`, as HAProxy sees it.
    mutating func take(_ line: ConfigurationLine, in directory: FilePath, _ paths: PathMap) {
        let words = line.words.dropFirst()
        switch (line.keyword, words.first?.text) {
        case ("crt-base", let base?): certificateBase = base
        case ("key-base", let base?): keyBase = base
        case ("load", _): load(Array(words), in: directory, paths)
        default: break
        }
    }

    private mutating func load(_ words: [ConfigurationLine.Word], in directory: FilePath, _ paths: PathMap) {
        var values: [String: String] = [:]
        for index in stride(from: 0, to: words.count - 1, by: 2) where !words[index + 1].holdsVariable {
            values[words[index].text] = words[index + 1].text
        }
        guard let certificate = values["crt"] else { return }
        func located(_ path: String, _ base: String?) -> FilePath {
            paths.onHost(directory.pushing(FilePath(base ?? "")).pushing(FilePath(path)))
        }
        var companions: [Companion: FilePath] = [:]
        for companion in Companion.allCases {
            companions[companion] = values[companion.rawValue].map { located($0, certificateBase) }
        }
        entries[name(alias: values["alias"], certificate: certificate)] = Entry(
            file: located(certificate, certificateBase), key: values["key"].map { located($0, keyBase) },
            companions: companions)
    }

    /// Seen on 3.0.11 and 3.2.26: without an alias it is the path as it is written, behind the store's name where it has
    /// one.
    private func name(alias: String?, certificate: String) -> String {
        if let alias { return "@\(store)/\(alias)" }
        guard !store.isEmpty else { return certificate }
        return certificate.hasPrefix("/") ? "@\(store)\(certificate)" : "@\(store)/\(certificate)"
    }
}
