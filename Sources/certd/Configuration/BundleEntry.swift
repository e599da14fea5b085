import CertKit
import SystemPackage

/// One `[[bundle]]` of the configuration: where a lineage's bundle is, and what is expected of it.
struct BundleEntry: Equatable, Sendable {
    /// The lineage's name, or an absolute directory that holds the four files.
    let lineage: String
    let path: FilePath
    /// What HAProxy calls it: byte by byte as it was written, since HAProxy compares names so.
    let name: String
    /// The names that the certificate must cover.
    let hosts: [String]
    /// The file's owner by name; nil leaves it to who writes.
    let owner: String?
    let group: String?
}

extension ConfigurationFile {
    /// The entries, of which no two are for one lineage or one path.
    func bundleEntries() throws(ConfigurationError) -> [BundleEntry] {
        var entries: [BundleEntry] = []
        for (index, values) in self.entries.enumerated() {
            let written = EntryReader(file: self, values: values, number: index + 1)
            entries.append(try written.entry())
        }
        try refuseDuplicates(of: .bundleLineage, entries.map(\.lineage))
        try refuseDuplicates(of: .bundlePath, entries.map { $0.path.lexicallyNormalized().string })
        return entries
    }

    private func refuseDuplicates(of key: SettingKey, _ values: [String]) throws(ConfigurationError) {
        var seen: [String: Int] = [:]
        for (index, value) in values.enumerated() {
            guard let first = seen.updateValue(index, forKey: value) else { continue }
            throw .duplicateEntry(
                key, value: value, first: origin(of: key, entry: first + 1), origin: origin(of: key, entry: index + 1))
        }
    }
}

/// Reads one entry.
private struct EntryReader {
    let file: ConfigurationFile
    let values: [SettingKey: SettingValue]
    let number: Int

    func entry() throws(ConfigurationError) -> BundleEntry {
        let path = try required(.bundlePath)
        let spelling = try path.text()
        return BundleEntry(
            lineage: try required(.bundleLineage).lineage(), path: try path.filePath(),
            name: try optional(.bundleName) ?? spelling, hosts: try written(.bundleHosts)?.hosts() ?? [],
            owner: try optional(.bundleOwner), group: try optional(.bundleGroup))
    }

    private func required(_ key: SettingKey) throws(ConfigurationError) -> WrittenSetting {
        if let setting = written(key) { return setting }
        throw .incompleteEntry(missing: key, origin: file.origin(ofEntry: number))
    }

    /// A text; nil where none is written or an empty one, which means the same.
    private func optional(_ key: SettingKey) throws(ConfigurationError) -> String? {
        guard let setting = written(key) else { return nil }
        let text = try setting.text()
        return text.isEmpty ? nil : text
    }

    private func written(_ key: SettingKey) -> WrittenSetting? {
        values[key].map { value in
            WrittenSetting(key: key, value: value) { [file, number] in file.origin(of: key, entry: number) }
        }
    }
}

extension WrittenSetting {
    /// A lineage's name as certbot makes them, or an absolute directory.
    fileprivate func lineage() throws(ConfigurationError) -> String {
        let text = try text()
        if text.hasPrefix("/") { return FilePath(text).lexicallyNormalized().string }
        guard text.isLineageName else { throw impossible("\"\(text)\" is neither a lineage's name nor a directory") }
        return text
    }

    /// The absolute path of a file.
    fileprivate func filePath() throws(ConfigurationError) -> FilePath {
        let path = try path()
        guard path.lastComponent?.kind == .regular, try !text().hasSuffix("/") else {
            throw impossible("\"\(path)\" names no file")
        }
        return path
    }
}

extension String {
    /// Whether it can be the name of a directory below certbot's `live`.
    var isLineageName: Bool {
        !isEmpty && !contains("..") && self != "."
            && unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || "0123456789._*-".unicodeScalars.contains($0))
            }
    }
}
