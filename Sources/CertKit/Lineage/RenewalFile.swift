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
        var seen: UInt16 = 0
        var start = 0
        while start < text.count {
            let end = text.endOfLine(from: start)
            let line = text.trimmed(start..<end)
            start = end + 1
            guard !line.isEmpty, text[line.lowerBound] != UInt8(ascii: "#") else { continue }
            if text[line.lowerBound] == UInt8(ascii: "[") {
                section = text.spells(line, Key.parameters.name) ? .parameters : .other
                if section == .parameters { seen |= Key.parameters.bit }
            } else if let equals = text.equalsSign(in: line),
                let key = Key(text, text.trimmed(line.lowerBound..<equals), in: section)
            {
                seen |= key.bit
                take(key, text.value(equals + 1..<line.upperBound))
            }
        }
        missing = Key.needed.filter { seen & $0.bit == 0 }.map { "\($0.name)" }
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
    private enum Key: Int, CaseIterable {
        case version, renewBeforeExpiry, cert, privkey, chain, fullchain, parameters, authenticator, autorenew

        /// All that certbot cannot do without.
        static let needed: [Key] = [.cert, .privkey, .chain, .fullchain, .parameters, .authenticator]

        var bit: UInt16 { 1 << UInt16(rawValue) }

        var name: StaticString {
            switch self {
            case .version: "version"
            case .renewBeforeExpiry: "renew_before_expiry"
            case .cert: "cert"
            case .privkey: "privkey"
            case .chain: "chain"
            case .fullchain: "fullchain"
            case .parameters: "[renewalparams]"
            case .authenticator: "authenticator"
            case .autorenew: "autorenew"
            }
        }

        /// The one that has this name.
        init?(_ text: Span<UInt8>, _ name: Range<Int>, in section: Section) {
            let candidates: [Key] =
                switch section {
                case .top: [.version, .renewBeforeExpiry, .cert, .privkey, .chain, .fullchain]
                case .parameters: [.authenticator, .autorenew]
                case .other: []
                }
            guard let key = candidates.first(where: { text.spells(name, $0.name) }) else { return nil }
            self = key
        }
    }
}

extension Span<UInt8> {
    fileprivate func endOfLine(from start: Int) -> Int {
        firstIndex(of: UInt8(ascii: "\n"), in: start..<count) ?? count
    }

    fileprivate func equalsSign(in line: Range<Int>) -> Int? {
        firstIndex(of: UInt8(ascii: "="), in: line)
    }

    fileprivate func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high, isBlank(low) { low += 1 }
        while low < high, isBlank(high - 1) { high -= 1 }
        return low..<high
    }

    private func isBlank(_ index: Int) -> Bool { self[index] == 0x20 || (0x09...0x0d).contains(self[index]) }

    fileprivate func spells(_ range: Range<Int>, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        var place = 0
        // A static string's bytes live as long as the program.
        while place < range.count, unsafe text.utf8Start[place] == self[range.lowerBound + place] { place += 1 }
        return place == range.count
    }

    /// What stands behind the `=` of a line, without a comment and without the quotes around it.
    fileprivate func value(_ rest: Range<Int>) -> String {
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
