import CertKit
import TOMLKit

/// What a configuration file says: known keys with values of the right type, not yet their meaning.
struct ConfigurationFile: Sendable {
    /// The values outside of entries.
    private(set) var values: [SettingKey: SettingValue] = [:]
    /// The `[[bundle]]` entries in their order.
    private(set) var entries: [[SettingKey: SettingValue]] = []
    private let path: String
    private let lines: ConfigurationLines

    /// Parses the bytes of the file at `path`.
    init(parsing bytes: [UInt8], at path: String) throws(ConfigurationError) {
        let text = try ConfigurationText(bytes, at: path).text
        self.path = path
        lines = ConfigurationLines(text)
        try read(ConfigurationFile.parse(text, at: path))
    }

    /// Where `key` stands, in the `entry`-th `[[bundle]]` counted from 1.
    func origin(of key: SettingKey, entry: Int? = nil) -> SettingOrigin { origin(of: key.rawValue, entry: entry) }

    /// Where the `number`-th `[[bundle]]` begins.
    func origin(ofEntry number: Int) -> SettingOrigin { origin(of: String(SettingKey.entries), entry: number) }

    private func origin(of path: String, entry: Int? = nil) -> SettingOrigin {
        .file(self.path, line: lines.line(of: path, entry: entry ?? 1), entry: entry)
    }

    private static func parse(_ text: String, at path: String) throws(ConfigurationError) -> TOMLTable {
        do {
            return try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            let reason = error.description.prefix(1).lowercased() + error.description.dropFirst()
            throw .notTOML(reason: reason, origin: .file(path, line: error.source.begin.line))
        } catch {
            throw .notTOML(reason: String(describing: error), origin: .file(path, line: nil))
        }
    }

    private mutating func read(_ document: TOMLTable) throws(ConfigurationError) {
        for (section, value) in document {
            if section == SettingKey.entries {
                try readEntries(value)
            } else if let table = value.table, SettingKey.sections.contains(section) {
                values.merge(try read(table, of: section)) { first, _ in first }
            } else if SettingKey.sections.contains(section) {
                throw wrongType(section, value, wanted: "a table: [\(section)]", at: origin(of: section))
            } else {
                let nearest = nearest(to: section, among: SettingKey.sections)
                throw .unknownKey(section, nearest: nearest, origin: origin(of: section))
            }
        }
    }

    private mutating func readEntries(_ value: any TOMLValueConvertible) throws(ConfigurationError) {
        let section = String(SettingKey.entries)
        guard let tables = value.tables else {
            throw wrongType(section, value, wanted: "a list of tables: [[\(section)]]", at: origin(of: section))
        }
        for (index, table) in tables.enumerated() {
            entries.append(try read(table, of: section, entry: index + 1))
        }
    }

    private func read(
        _ table: TOMLTable, of section: String, entry: Int? = nil
    ) throws(ConfigurationError) -> [SettingKey: SettingValue] {
        var values: [SettingKey: SettingValue] = [:]
        for (name, value) in table {
            guard let key = SettingKey(rawValue: "\(section).\(name)") else {
                let known = SettingKey.keys(of: section).map { String($0.name) }
                throw .unknownKey(
                    "\(section).\(name)", nearest: nearest(to: name, among: known).map { "\(section).\($0)" },
                    origin: origin(of: "\(section).\(name)", entry: entry))
            }
            values[key] = try self.value(value, of: key, entry: entry)
        }
        return values
    }

    private func value(
        _ written: any TOMLValueConvertible, of key: SettingKey, entry: Int?
    ) throws(ConfigurationError) -> SettingValue {
        switch key.example {
        case .text:
            if let text = written.string { return .text(text) }
            throw wrongType(key.rawValue, written, wanted: "a string", at: origin(of: key, entry: entry))
        case .list:
            if let texts = written.strings { return .list(texts) }
            throw wrongType(key.rawValue, written, wanted: "a list of strings", at: origin(of: key, entry: entry))
        }
    }

    private func wrongType(
        _ key: String, _ value: any TOMLValueConvertible, wanted: String, at origin: SettingOrigin
    ) -> ConfigurationError {
        let found =
            switch value.type {
            case .array: wanted.hasPrefix("a list") ? "a list of other values" : "a list"
            case .int: "an integer"
            case .bool: "a boolean"
            default: "a \(value.type)"
            }
        return .wrongType(key, found: found, wanted: wanted, origin: origin)
    }
}

extension TOMLValueConvertible {
    /// The members of a list of strings; nil for anything else.
    fileprivate var strings: [String]? {
        guard let members = array?.map(\.string) else { return nil }
        let strings = members.compactMap { $0 }
        return strings.count == members.count ? strings : nil
    }

    /// The members of a list of tables; nil for anything else.
    fileprivate var tables: [TOMLTable]? {
        guard let members = array?.map(\.table) else { return nil }
        let tables = members.compactMap { $0 }
        return tables.count == members.count ? tables : nil
    }
}
