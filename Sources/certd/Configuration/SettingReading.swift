import CertKit
import HAProxyKit
import SystemPackage

/// What was written becomes a value that cannot be wrong, or an error that says where to mend it.
extension WrittenSetting {
    /// A text without control characters; empty where the key has nothing to say.
    func text() throws(ConfigurationError) -> String {
        guard case .text(let text) = value else { return "" }
        return try readable(text)
    }

    /// An absolute path; one given as an option may be relative, as in every other command.
    func path() throws(ConfigurationError) -> FilePath { try absolutePath(text()) }

    /// The same for a key that may be left empty.
    func optionalPath() throws(ConfigurationError) -> FilePath? {
        let text = try text()
        return text.isEmpty ? nil : try absolutePath(text)
    }

    func threshold() throws(ConfigurationError) -> Threshold {
        let text = try text()
        do {
            return try Threshold(text)
        } catch {
            throw impossible(error.description)
        }
    }

    /// A time such as `10s` or `2m`; a bare number is seconds, as in every plugin's `-t`.
    func duration() throws(ConfigurationError) -> Duration {
        let text = try text()
        let unit = TimeUnit(suffixOf: text)
        guard let amount = plainNumber(unit == nil ? text[...] : text.dropLast()) else {
            throw impossible("\"\(text)\" is not a time such as 10s or 2m")
        }
        let seconds = amount * (unit ?? .second).seconds
        guard seconds > 0, seconds <= TimeUnit.day.seconds else {
            throw impossible("\"\(text)\" is not between 0s and 1d")
        }
        return .seconds(seconds)
    }

    func paths() throws(ConfigurationError) -> [FilePath] {
        try list { (text) throws(ConfigurationError) in try absolutePath(text) }
    }

    /// Pairs of absolute paths, `ON-HOST:IN-HAPROXY` as containers' volumes are written.
    func pathMap() throws(ConfigurationError) -> PathMap {
        PathMap(
            try list { (text) throws(ConfigurationError) in
                let paths = text.split(separator: ":", omittingEmptySubsequences: false).map { FilePath(String($0)) }
                guard paths.count == 2, paths.allSatisfy(\.isAbsolute) else {
                    throw impossible(
                        "\"\(text)\" is not a pair of absolute paths, such as /srv/certs:/usr/local/etc/haproxy/certs")
                }
                return PathMap.Pair(host: paths[0], haproxy: paths[1])
            })
    }

    /// A program and its arguments; empty where there is none.
    func words() throws(ConfigurationError) -> [String] {
        let words = try list { (text) throws(ConfigurationError) in text }
        if words.first == "" { throw impossible("the first member names no program") }
        return words
    }

    /// Host names and addresses that certificates can hold.
    func hosts() throws(ConfigurationError) -> [String] {
        try list { (text) throws(ConfigurationError) in
            guard text.isHostName || ProbeAddress("[\(text)]:443") != nil else {
                throw impossible("\"\(text)\" is not a host name")
            }
            return text.lowercased()
        }
    }

    /// Addresses as `HOST:PORT` and `[IPV6]:PORT`.
    func addresses() throws(ConfigurationError) -> [ProbeAddress] {
        try list { (text) throws(ConfigurationError) in
            guard let address = ProbeAddress(text) else {
                throw impossible("\"\(text)\" is not an address with a port, such as 127.0.0.1:443 or [::1]:443")
            }
            return address
        }
    }

    /// An address of this host's own as `HOST:PORT`; nil where the key is left empty.
    func loopbackAddress() throws(ConfigurationError) -> LoopbackAddress? {
        let text = try text()
        guard !text.isEmpty else { return nil }
        do throws(LoopbackAddress.Refusal) {
            return try LoopbackAddress(text)
        } catch {
            throw impossible(error.description)
        }
    }

    func impossible(_ reason: String) -> ConfigurationError { .impossible(key, reason: reason, origin: origin()) }

    private func list<Member>(
        of read: (String) throws(ConfigurationError) -> Member
    ) throws(ConfigurationError) -> [Member] {
        guard case .list(let texts) = value else { return [] }
        var members: [Member] = []
        for text in texts { members.append(try read(readable(text))) }
        return members
    }

    /// Names go into commands of one line each, and paths into messages.
    private func readable(_ text: String) throws(ConfigurationError) -> String {
        guard text.printable == text else {
            throw impossible("\"\(text.printable)\" holds a control or invisible character")
        }
        return text
    }

    private func absolutePath(_ text: String) throws(ConfigurationError) -> FilePath {
        let path = FilePath(text)
        if path.isAbsolute { return path }
        if case .flag = origin(), !path.isEmpty { return path }
        throw impossible("\"\(text)\" is not an absolute path")
    }
}

extension String {
    /// Letters, digits, dots, hyphens and underscores, with at most a leading `*.`: what DNS and IPv4 names consist of.
    fileprivate var isHostName: Bool {
        let name = hasPrefix("*.") ? dropFirst(2) : self[...]
        return !name.isEmpty && utf8.count <= 253
            && name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                !label.isEmpty && label.utf8.allSatisfy(\.isNameCharacter)
            }
    }
}

extension UInt8 {
    /// An ASCII letter, digit, hyphen or underscore.
    var isNameCharacter: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
