import CertKit
import SystemPackage

/// One `[[bundle]]` of the configuration: where a lineage's bundle is, and what is expected of it.
struct BundleEntry: Equatable, Sendable {
    let lineage: Lineage
    let path: FilePath
    /// What HAProxy calls it: byte by byte as it was written, since HAProxy compares names so.
    let name: String
    /// The key's own file; nil where it stands in the bundle.
    let keyPath: FilePath?
    /// The names that the certificate must cover.
    let hosts: [String]
    /// The file's owner by name; nil leaves it to who writes.
    let owner: String?
    let group: String?
}

extension ConfigurationFile {
    /// The entries, of which no two are for one lineage or one file; names are those of lineages below `letsencrypt`.
    func bundleEntries(below letsencrypt: FilePath) throws(ConfigurationError) -> [BundleEntry] {
        var entries: [BundleEntry] = []
        for (index, values) in self.entries.enumerated() {
            let written = EntryReader(file: self, values: values, number: index + 1)
            entries.append(try written.entry(below: letsencrypt))
        }
        try refuseDuplicates(of: .bundleLineage, entries.map(\.lineage.name))
        try refuseDuplicates(of: .bundlePath, entries.map { $0.path.lexicallyNormalized().string })
        try refuseKeys(in: entries)
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

extension ConfigurationFile {
    /// A key's file is nobody else's: no bundle, and no other key's.
    private func refuseKeys(in entries: [BundleEntry]) throws(ConfigurationError) {
        var taken = Set(entries.map { $0.path.lexicallyNormalized().string })
        for (index, entry) in entries.enumerated() {
            guard let path = entry.keyPath?.lexicallyNormalized().string else { continue }
            guard !taken.insert(path).inserted else { continue }
            throw .impossible(
                .bundleKeyPath, reason: "\"\(path)\" is a bundle's or another key's file already",
                origin: origin(of: .bundleKeyPath, entry: index + 1))
        }
    }
}

/// Reads one entry.
private struct EntryReader {
    let file: ConfigurationFile
    let values: [SettingKey: SettingValue]
    let number: Int

    func entry(below letsencrypt: FilePath) throws(ConfigurationError) -> BundleEntry {
        let path = try required(.bundlePath)
        let spelling = try path.text()
        return BundleEntry(
            lineage: try required(.bundleLineage).lineage(below: letsencrypt), path: try path.filePath(),
            name: try optional(.bundleName) ?? spelling, keyPath: try keyPath(),
            hosts: try written(.bundleHosts)?.hosts() ?? [],
            owner: try optional(.bundleOwner), group: try optional(.bundleGroup))
    }

    private func keyPath() throws(ConfigurationError) -> FilePath? {
        guard let setting = written(.bundleKeyPath), try !setting.text().isEmpty else { return nil }
        return try setting.filePath()
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
    fileprivate func lineage(below letsencrypt: FilePath) throws(ConfigurationError) -> Lineage {
        let text = try text()
        do {
            return try Lineage(text, below: letsencrypt)
        } catch {
            throw impossible(error.description)
        }
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
