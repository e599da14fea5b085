internal import SystemPackage

/// What certbot noted of a lineage in `renewal/NAME.conf`, as far as it decides whether and when it renews.
public struct RenewalFile: Sendable, Equatable {
    /// `renew_before_expiry`, as it is written: how long before notAfter certbot renews.
    public private(set) var renewBeforeExpiry: String?
    /// `version`: the certbot that wrote the file, which goes on by its own rules.
    public private(set) var version: String?
    /// `autorenew`; only false keeps certbot from renewing.
    public private(set) var autorenew: String?
    /// What certbot needs and does not find; with anything here it skips the lineage.
    public private(set) var missing: [String] = []

    /// Reads the file of a lineage that certbot keeps.
    ///
    /// - Throws: ``FileError`` where it is missing or cannot be read.
    public init(of lineage: Lineage) throws(FileError) {
        let letsencrypt = lineage.directory.removingLastComponent().removingLastComponent()
        let path = letsencrypt.appending("renewal").appending("\(lineage.name).conf")
        let contents = try readFile(at: path)
        self = contents.bytes.withSpan { RenewalFile(parsing: $0) }
    }

    /// Reads the text: lines of `KEY = VALUE` and `[section]`, and comments behind `#`.
    ///
    /// Takes every text: what certbot itself cannot read, it says when it runs.
    public init(parsing text: Span<UInt8>) {
        var section = Section.top
        var needed = Key.needed
        for line in text.trimmedLines {
            if text[line.lowerBound] == UInt8(ascii: "[") {
                section = text.spells(line, "[renewalparams]") ? .parameters : .other
                if section == .parameters { needed.remove(.parameters) }
            } else if let key = Key(in: text, line, of: section) {
                needed.remove(key)
                take(key, text.value(of: line))
            }
        }
        missing = Key.allCases.filter { needed.contains($0) }.map(\.rawValue)
    }

    private mutating func take(_ key: Key, _ value: @autoclosure () -> String) {
        switch key {
        case .renewBeforeExpiry: renewBeforeExpiry = value()
        case .version: version = value()
        case .autorenew: autorenew = value()
        default: return
        }
    }
}

extension RenewalFile {
    private enum Section {
        case top, parameters, other
    }

    /// The keys that count, and the section that certbot insists on.
    private enum Key: String, CaseIterable {
        case version
        case renewBeforeExpiry = "renew_before_expiry"
        case cert, privkey, chain, fullchain
        case parameters = "[renewalparams]"
        case authenticator, autorenew

        static let needed: Set<Key> = [.cert, .privkey, .chain, .fullchain, .parameters, .authenticator]
        static let top: [Key] = [.version, .renewBeforeExpiry, .cert, .privkey, .chain, .fullchain]
        static let ofParameters: [Key] = [.authenticator, .autorenew]

        /// The one that `line` gives a value.
        init?(in text: Span<UInt8>, _ line: Range<Int>, of section: Section) {
            guard section != .other, let equals = line.first(where: { text[$0] == UInt8(ascii: "=") }) else {
                return nil
            }
            let name = text.trimmed(line.lowerBound..<equals)
            let keys = section == .top ? Self.top : Self.ofParameters
            guard let key = keys.first(where: { text.spells(name, $0.rawValue) }) else { return nil }
            self = key
        }
    }
}

extension Span<UInt8> {
    /// The lines that hold more than blanks and comments, without the blanks around them.
    fileprivate var trimmedLines: [Range<Int>] {
        var lines: [Range<Int>] = []
        var start = 0
        for end in 0...count where end == count || self[end] == UInt8(ascii: "\n") {
            let line = trimmed(start..<end)
            if !line.isEmpty, self[line.lowerBound] != UInt8(ascii: "#") { lines.append(line) }
            start = end + 1
        }
        return lines
    }

    fileprivate func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high, isBlank(low) { low += 1 }
        while low < high, isBlank(high - 1) { high -= 1 }
        return low..<high
    }

    private func isBlank(_ index: Int) -> Bool { self[index] == 0x20 || (0x09...0x0d).contains(self[index]) }

    fileprivate func spells(_ range: Range<Int>, _ text: String) -> Bool {
        guard range.count == text.utf8.count else { return false }
        return zip(range, text.utf8).allSatisfy { self[$0] == $1 }
    }

    /// What stands behind the `=` of a line, without a comment and without the quotes around it.
    fileprivate func value(of line: Range<Int>) -> String {
        let equals = line.first { self[$0] == UInt8(ascii: "=") } ?? line.upperBound
        let rest = Swift.min(equals + 1, line.upperBound)..<line.upperBound
        var value = trimmed(rest.lowerBound..<(rest.first { self[$0] == UInt8(ascii: "#") } ?? rest.upperBound))
        let quotes: [UInt8] = [UInt8(ascii: "\""), UInt8(ascii: "'")]
        if value.count > 1, quotes.contains(self[value.lowerBound]),
            self[value.lowerBound] == self[value.upperBound - 1]
        {
            value = value.lowerBound + 1..<value.upperBound - 1
        }
        return String(decoding: copy(value), as: UTF8.self)
    }
}
