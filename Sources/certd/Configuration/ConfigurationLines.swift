/// Finds the lines on which the keys of a TOML text stand, which the parser knows and does not tell.
///
/// It reads headers and plain keys only. Where a key could be hidden or feigned (quoted keys, inline tables, text with
/// strings over several lines), it says nothing rather than something wrong.
struct ConfigurationLines: Sendable {
    private let text: String

    init(_ text: String) { self.text = text }

    /// The line, from 1, of the key or the table `path`; of the `entry`-th of them where tables are repeated.
    func line(of path: String, entry: Int = 1) -> Int? {
        guard !text.contains("\"\"\""), !text.contains("'''") else { return nil }
        var table = ""
        var tables: [String: Int] = [:]
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        for (index, line) in lines.enumerated() {
            let content = line.drop { $0 == " " || $0 == "\t" }
            var here: String?
            if let header = content.header {
                table = header
                tables[table, default: 0] += 1
                here = header
            } else if let key = content.key {
                here = table.isEmpty ? key : "\(table).\(key)"
            }
            if here == path, tables[table, default: 1] == entry { return index + 1 }
        }
        return nil
    }
}

extension Substring {
    /// The name in `[name]` or `[[name]]`.
    fileprivate var header: String? {
        guard first == "[" else { return nil }
        let name = drop { $0 == "[" }.prefix { $0 != "]" }
        return name.isEmpty ? nil : name.trimmed
    }

    /// What stands before the `=`.
    fileprivate var key: String? {
        guard first != "#", let end = firstIndex(of: "=") else { return nil }
        return self[..<end].trimmed
    }

    private var trimmed: String {
        let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let end = lastIndex { !blank($0) }.map(index(after:)) ?? startIndex
        return String(self[..<end].drop(while: blank))
    }
}
