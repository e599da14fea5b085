internal import CertKit
internal import SystemPackage

/// Takes haproxy.cfg line by line and keeps what certd needs to know.
struct ConfigurationParser {
    private(set) var listeners: [Listener] = []
    private(set) var statsSockets: [StatsSocket] = []
    private(set) var mostReloads: Int?
    private(set) var unreadable: [FileError] = []
    private(set) var companions = CompanionLookup()
    private(set) var bufferSize: Int?

    private let paths: PathMap
    private var section = Section(kind: "", name: "", firstListener: 0)
    private var certificateBase: String?
    private var stores = CertificateStores()
    private var pathPolicy = PathPolicy.current
    /// How many `.if` are open. Which branch is taken only HAProxy knows, so all are read.
    private var openConditions = 0

    private struct Section {
        let kind: String
        let name: String
        /// Its listeners are those from here on.
        let firstListener: Int
        var isDisabled = false
    }

    /// Where relative paths begin (`default-path`, since 2.4).
    private enum PathPolicy {
        case current
        case configuration
        case parent
        case origin(String)
    }

    init(paths: PathMap) { self.paths = paths }

    mutating func take(_ line: ConfigurationLine) {
        if Self.sectionKinds.contains(line.keyword) {
            section = Section(
                kind: line.keyword, name: line.words.count > 1 ? line.words[1].text : "",
                firstListener: listeners.count)
            if section.kind == "crt-store" { stores.begin(section.name) }
            return
        }
        switch (section.kind, line.keyword) {
        case (_, ".if"): openConditions += 1
        case (_, ".endif"): openConditions -= 1
        case ("global", _): takeGlobal(line)
        case ("crt-store", _): stores.take(line, in: directory(for: line.file), paths)
        case ("frontend", "bind"), ("listen", "bind"), ("peers", "bind"), ("log-forward", "bind"): takeBind(line)
        case ("frontend", "disabled"), ("listen", "disabled"), ("peers", "disabled"): disableSection()
        default: break
        }
    }

    private mutating func takeGlobal(_ line: ConfigurationLine) {
        let arguments = line.words.dropFirst().map(\.text)
        switch (line.keyword, arguments.first) {
        case ("crt-base", let base?): certificateBase = base
        case ("mworker-max-reloads", let count?): mostReloads = Int(count)
        case ("ssl-load-extra-files", _): companions.take(arguments)
        case ("ssl-load-extra-del-ext", _): companions.replacesExtension = true
        case ("tune.bufsize", let size?): bufferSize = Self.byteCount(size) ?? bufferSize
        case ("stats", "socket"): statsSockets += [StatsSocket(line, paths)].compactMap(\.self)
        case ("default-path", "config"): pathPolicy = .configuration
        case ("default-path", "parent"): pathPolicy = .parent
        case ("default-path", "origin"): pathPolicy = arguments.count > 1 ? .origin(arguments[1]) : .current
        case ("default-path", _): pathPolicy = .current
        default: break
        }
    }

    private mutating func takeBind(_ line: ConfigurationLine) {
        let bind = BindLine(line)
        guard bind.isTLS else { return }
        var files = CertificateFiles(
            base: certificateBase, directory: directory(for: line.file), paths: paths, stores: stores.entries)
        for source in bind.sources {
            switch source {
            case .certificate(let word) where !word.holdsVariable: files.addCertificate(word.text)
            case .list(let word) where !word.holdsVariable: files.addList(word.text)
            case .certificate, .list: break
            }
        }
        unreadable += files.failures
        listeners.append(
            Listener(
                section: section.name.isEmpty ? section.kind : "\(section.kind) \(section.name)", file: line.file,
                line: line.number, addresses: bind.addresses, certificates: files.names, lists: files.lists,
                unresolved: bind.sources.map(\.word).filter(\.holdsVariable).map(\.text), obstacle: obstacle(of: bind)))
    }

    private func obstacle(of bind: BindLine) -> Listener.Provability? {
        if section.isDisabled { return .disabled }
        if openConditions > 0 { return .conditional }
        if bind.expectsProxyProtocol { return .proxyProtocol }
        if bind.requiresClientCertificates { return .clientCertificates }
        return bind.isElsewhere ? .elsewhere : nil
    }

    private mutating func disableSection() {
        section.isDisabled = true
        for index in section.firstListener..<listeners.count { listeners[index].obstacle = .disabled }
    }

    /// As HAProxy sees it.
    private func directory(for file: String) -> FilePath {
        let own = paths.inHAProxy(FilePath(file)).removingLastComponent()
        return switch pathPolicy {
        case .current: "/"  // Where systemd starts its services.
        case .configuration: own
        case .parent: own.appending("..")
        case .origin(let path): FilePath(path)
        }
    }

    /// A number of bytes, perhaps with a unit behind it.
    private static func byteCount(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let shifts = ["": 0, "k": 10, "m": 20, "g": 30]
        guard let number = Int(digits), number < 1 << 30, let shift = shifts[text.dropFirst(digits.count).lowercased()]
        else { return nil }
        return number << shift
    }

    /// Every section up to 3.2, so that none is taken for a part of the one before it.
    private static let sectionKinds: Set = [
        "acme", "backend", "cache", "crt-store", "defaults", "fcgi-app", "frontend", "global", "http-errors", "listen",
        "log-forward", "log-profile", "mailers", "peers", "program", "resolvers", "ring", "traces", "userlist",
    ]
}
