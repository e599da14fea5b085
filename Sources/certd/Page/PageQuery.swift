import CertKit

/// What of the lineages is shown: those of one state or of one text, a page at a time.
struct PageQuery: Equatable, Sendable {
    /// Lineages on one page.
    static let size = 50
    private static let textLimit = 200

    private(set) var text = ""
    private(set) var state: Severity?
    private(set) var page = 1

    init() {}

    /// Reads what stands behind the `?` of a URL; what it does not know it passes over.
    init(_ query: String) {
        for part in query.split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1).map {
                decoded($0)
            }
            guard pair.count == 2 else { continue }
            switch pair[0] {
            case "q": text = String(pair[1].prefix(PageQuery.textLimit))
            case "state": state = Severity(rawValue: pair[1])
            case "page": page = min(max(Int(pair[1]) ?? 1, 1), 1_000_000)
            default: break
            }
        }
    }

    /// The same on another page.
    func at(page: Int) -> PageQuery {
        var query = self
        query.page = page
        return query
    }

    /// The same text among the lineages of another state, or of all; from its beginning.
    func among(_ state: Severity?) -> PageQuery {
        var query = at(page: 1)
        query.state = state
        return query
    }

    /// As a link has it.
    var link: String {
        var parts: [String] = []
        if !text.isEmpty {
            let quoted = text.utf8.map { byte in
                byte.isNameCharacter || byte == UInt8(ascii: ".")
                    ? String(UnicodeScalar(byte)) : "%" + hexadecimal([byte]).uppercased()
            }
            parts.append("q=" + quoted.joined())
        }
        if let state { parts.append("state=\(state.rawValue)") }
        if page > 1 { parts.append("page=\(page)") }
        return parts.isEmpty ? "/" : "/?" + parts.joined(separator: "&")
    }

    /// The lineages that are meant: those with the text in their name, in one of their names, in their issuer or in what is
    /// wrong with them.
    func matches(among lineages: [LineageStatus]) -> [LineageStatus] {
        let text = text.lowercased()
        return lineages.filter { lineage in
            guard state == nil || state == lineage.severity else { return false }
            guard !text.isEmpty else { return true }
            var places = [lineage.name]
            if let leaf = lineage.leaf { places += leaf.names + [leaf.issuer] }
            places += lineage.findings.flatMap { [$0.id, $0.message] }
            return places.contains { $0.lowercased().contains(text) }
        }
    }
}

/// A part of a form's data without its escapes (WHATWG URL, section 5.1); what is no escape stays.
private func decoded(_ part: Substring) -> String {
    let bytes = Array(part.utf8)
    var text: [UInt8] = []
    var place = 0
    while place < bytes.count {
        if bytes[place] == UInt8(ascii: "%"), place + 2 < bytes.count,
            let byte = UInt8(String(decoding: bytes[place + 1...place + 2], as: UTF8.self), radix: 16)
        {
            text.append(byte)
            place += 3
        } else {
            text.append(bytes[place] == UInt8(ascii: "+") ? UInt8(ascii: " ") : bytes[place])
            place += 1
        }
    }
    return String(decoding: text, as: UTF8.self)
}
