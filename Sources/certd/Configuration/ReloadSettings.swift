import SystemPackage

/// When HAProxy is reloaded for a new bundle.
enum ReloadPolicy: String, CaseIterable, Sendable {
    /// Not by certd.
    case never
    /// Where it cannot take the bundle while it runs.
    case ifNeeded = "if-needed"
    /// For every new bundle, instead of changing what it has loaded.
    case always
}

/// How HAProxy is reloaded: the keys `reload`, `master-socket` and `reload-command` of section `haproxy`.
struct ReloadSettings: Equatable, Sendable {
    let policy: ReloadPolicy
    /// The master's socket; nil where nobody has written one, and the usual one counts where it lets certd in.
    let masterSocket: FilePath?
    /// A program and its arguments; empty where none is named.
    let command: [String]

    /// Where Debian's package has the master's socket.
    static let usualMasterSocket: FilePath = "/run/haproxy-master.sock"

    init(_ sources: SettingSources) throws(ConfigurationError) {
        let written = sources.value(.haproxyReload)
        let text = try written.text()
        guard let policy = ReloadPolicy(rawValue: text) else {
            let policies = ReloadPolicy.allCases.map(\.rawValue).joined(separator: ", ")
            throw written.impossible("\"\(text)\" is not one of \(policies)")
        }
        self.policy = policy
        masterSocket = try sources.written(.haproxyMasterSocket)?.optionalPath()
        command = try sources.written(.haproxyReloadCommand)?.words() ?? []
    }
}
