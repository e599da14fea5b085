import CertKit
import HAProxyKit
import SystemPackage

/// A hook of certbot's that is not certd's, and what it does.
struct CertbotHook: Equatable, Sendable {
    /// Where certbot finds it.
    enum Place: Equatable, Sendable {
        /// A file in a directory of hooks.
        case file(FilePath)
        /// A line of a lineage's renewal file.
        case renewal(lineage: String, FilePath, key: String)
        /// A line of cli.ini, for every lineage.
        case settings(FilePath, key: String)
    }

    let place: Place
    let kind: HookKind
    /// The command, where it is no file.
    let command: String?
    let deeds: HookDeeds

    /// Where it is, for messages.
    var path: FilePath {
        switch place {
        case .file(let path), .renewal(_, let path, _), .settings(let path, _): path
        }
    }
}

extension CertbotHook {
    /// The hooks of certbot's `letsencrypt` but for those that do nothing else than to run certd.
    ///
    /// - Throws: ``FileError`` where a directory is there and cannot be read.
    static func all(in letsencrypt: FilePath) throws(FileError) -> [CertbotHook] {
        var found: [CertbotHook] = []
        for kind in HookKind.allCases { found += try files(of: kind, in: letsencrypt) }
        let renewal = letsencrypt.appending("renewal")
        for name in try names(in: renewal) where name.hasSuffix(".conf") {
            let path = renewal.appending(name)
            found += lines(at: path) { .renewal(lineage: String(name.dropLast(".conf".count)), path, key: $0) }
        }
        let settings = letsencrypt.appending("cli.ini")
        found += lines(at: settings) { .settings(settings, key: $0) }
        return found.filter { !$0.deeds.isCertds }
    }

    /// certbot runs what is executable, in byte order, but for names that end in `~`.
    private static func files(of kind: HookKind, in letsencrypt: FilePath) throws(FileError) -> [CertbotHook] {
        let directory = kind.directory(in: letsencrypt)
        return try names(in: directory).filter { !$0.hasSuffix("~") }.compactMap { name in
            let path = directory.appending(name)
            guard let stat = try? path.stat(), stat.type == .regular, stat.permissions.contains(.ownerExecute) else {
                return nil
            }
            let deeds = script(at: path).map { HookDeeds(of: $0) } ?? HookDeeds(ofProgramAt: path)
            return CertbotHook(place: .file(path), kind: kind, command: nil, deeds: deeds)
        }
    }

    private static func names(in directory: FilePath) throws(FileError) -> [String] {
        do throws(FileError) {
            return try DirectoryHandle(opening: directory).names()
        } catch {
            guard error.isMissing else { throw error }
            return []
        }
    }

    /// The hooks that lines `KEY = COMMAND` name.
    private static func lines(at path: FilePath, _ place: (String) -> Place) -> [CertbotHook] {
        guard let text = try? readFile(at: path).text else { return [] }
        return text.split(whereSeparator: \.isNewline).flatMap { line -> [CertbotHook] in
            guard let equals = line.firstIndex(of: "="), !line.trimmingBlanks.hasPrefix("#") else { return [] }
            let key = String(line[..<equals]).trimmingBlanks
            let value = String(line[line.index(after: equals)...]).trimmingBlanks.withoutQuotes
            let kind = HookKind.allCases.first { $0.keys.contains(key.replacing("-", with: "_")) }
            guard let kind, !value.isEmpty, value != "None" else { return [] }
            return [CertbotHook(place: place(key), kind: kind, command: value, deeds: HookDeeds(of: value))]
        }
    }
}

extension HookDeeds {
    fileprivate init(of script: String) { self = HookReading.deeds(of: script, reading: script(at:)) }

    /// Of a program that is no shell script only what it speaks of can be told.
    fileprivate init(ofProgramAt path: FilePath) {
        let speaksOfHAProxy = (try? readFile(at: path, limit: 64 << 10))?.text.contains("haproxy") ?? false
        self.init(others: ["a program"], isUnread: speaksOfHAProxy)
    }

    /// Whether it only runs certd.
    var isCertds: Bool { runsCertd && written.isEmpty && !tellsHAProxy }
}

/// The text of a shell script; nil for other programs, and for what is too long for one.
private func script(at path: FilePath) -> String? {
    guard let text = try? readFile(at: path, limit: 64 << 10).text, !text.contains("\0") else { return nil }
    guard text.hasPrefix("#!") else { return text }
    let interpreter = text.prefix { !$0.isNewline }
    return ["sh", "bash", "dash"].contains { interpreter.hasSuffix($0) || interpreter.contains("\($0) ") } ? text : nil
}

extension StringProtocol {
    fileprivate var trimmingBlanks: String {
        let front = drop { $0 == " " || $0 == "\t" || $0 == "\r" }
        return String(front.reversed().drop { $0 == " " || $0 == "\t" || $0 == "\r" }.reversed())
    }
}

extension String {
    /// Without the quotes that ConfigObj puts around a value.
    fileprivate var withoutQuotes: String {
        for quotes in ["\"\"\"", "'''", "\"", "'"]
        where hasPrefix(quotes) && hasSuffix(quotes) && count >= 2 * quotes.count {
            return String(dropFirst(quotes.count).dropLast(quotes.count))
        }
        return self
    }
}
