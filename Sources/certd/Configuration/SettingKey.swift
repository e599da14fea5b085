/// Every key of the configuration: the one description of them, for the file, the environment and the documentation.
///
/// The raw value is `SECTION.KEY` as in the file. The keys of section `bundle` stand in `[[bundle]]` entries, which a
/// file may have many of and the environment none.
enum SettingKey: String, CaseIterable, Sendable {
    case letsencryptDirectory = "letsencrypt.directory"
    case haproxySockets = "haproxy.sockets"
    case haproxyConfiguration = "haproxy.configuration"
    case haproxyPathMap = "haproxy.path-map"
    case haproxyReload = "haproxy.reload"
    case haproxyMasterSocket = "haproxy.master-socket"
    case haproxyReloadCommand = "haproxy.reload-command"
    case haproxyProbe = "haproxy.probe"
    case bundlesDirectory = "bundles.directory"
    case bundleLineage = "bundle.lineage"
    case bundlePath = "bundle.path"
    case bundleHosts = "bundle.hosts"
    case bundleName = "bundle.name"
    case bundleKeyPath = "bundle.key-path"
    case bundleOwner = "bundle.owner"
    case bundleGroup = "bundle.group"
    case checkWarning = "check.warning"
    case checkCritical = "check.critical"
    case checkTrust = "check.trust"
    case checkPrivateAnchors = "check.private-anchors"
    case checkTimeout = "check.timeout"
    case httpListen = "http.listen"
    case notifyCommand = "notify.command"
    case pathsState = "paths.state"
    case pathsRuntime = "paths.runtime"

    /// What an example shows, and so also whether the key takes a text or a list; for a key that always has a value,
    /// the value that holds where none is written.
    var example: SettingValue {
        switch self {
        case .letsencryptDirectory: "/etc/letsencrypt"
        case .haproxySockets: ["/run/haproxy/admin.sock"]
        case .haproxyConfiguration: "/etc/haproxy/haproxy.cfg"
        case .haproxyPathMap: ["/srv/haproxy/certs:/usr/local/etc/haproxy/certs"]
        case .haproxyReload: "if-needed"
        case .haproxyMasterSocket: "/run/haproxy-master.sock"
        case .haproxyReloadCommand: ["systemctl", "reload", "haproxy"]
        case .haproxyProbe: ["127.0.0.1:443"]
        case .bundlesDirectory: "/etc/haproxy/certs"
        case .bundleLineage: "pbx.example.com"
        case .bundlePath: "/etc/ssl/certs/combined.pem"
        case .bundleHosts: ["pbx.example.com"]
        case .bundleName: "@store/pbx"
        case .bundleKeyPath: "/etc/ssl/certs/combined.pem.key"
        case .bundleOwner, .bundleGroup: "root"
        case .checkWarning: "25%"
        case .checkCritical: "10%"
        case .checkTrust: "/etc/ssl/certs/ca-certificates.crt"
        case .checkPrivateAnchors: ["/etc/ssl/certs/our-root.pem"]
        case .checkTimeout: "10s"
        case .httpListen: "127.0.0.1:9793"
        case .notifyCommand: ["/usr/share/doc/certd/examples/notify/mail", "root"]
        case .pathsState: "/var/lib/certd"
        case .pathsRuntime: "/run/certd"
        }
    }

    var section: Substring { rawValue.prefix { $0 != "." } }
    var name: Substring { rawValue.dropFirst(section.count + 1) }

    /// The section whose keys stand in entries.
    static let entries: Substring = "bundle"

    /// The environment variable that overrides the file; nil for the keys of an entry.
    var variable: String? {
        switch self {
        case .pathsState: "CERTD_STATE_DIRECTORY"
        case .pathsRuntime: "CERTD_RUNTIME_DIRECTORY"
        case _ where section == SettingKey.entries: nil
        default: "CERTD_" + rawValue.uppercased().map { $0 == "." || $0 == "-" ? "_" : $0 }
        }
    }

    /// A variable that a supervisor sets for its own reasons: it counts only where nobody has written a value.
    var inheritedVariable: String? {
        switch self {
        case .pathsState: "STATE_DIRECTORY"
        case .pathsRuntime: "RUNTIME_DIRECTORY"
        default: nil
        }
    }

    /// The sections in the order of the file.
    static var sections: [String] {
        allCases.reduce(into: []) { names, key in
            if names.last != String(key.section) { names.append(String(key.section)) }
        }
    }

    static func keys(of section: some StringProtocol) -> [SettingKey] { allCases.filter { $0.section == section } }
}
