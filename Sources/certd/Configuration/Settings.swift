import CertKit
import HAProxyKit
import SystemPackage

/// The validated configuration: what `/etc/certd/certd.toml`, the environment and the options say together.
struct Settings: Equatable, Sendable {
    /// certbot's directory, with `live` and `archive` in it.
    let letsencrypt: FilePath
    let haproxy: HAProxySettings
    /// Where every lineage without an entry has its bundle; nil where none is named.
    let bundles: FilePath?
    let entries: [BundleEntry]
    let check: CheckSettings
    /// Where the page and the metrics are served over TCP; nil means the Unix socket alone.
    let listen: LoopbackAddress?
    /// The program that is told of findings, with its arguments; empty where nobody is.
    let notification: [String]
    /// Where certd keeps what looking cannot tell.
    let state: FilePath
    /// Where certd meets other programs of this host while it runs.
    let runtime: FilePath

    /// Section `haproxy`.
    struct HAProxySettings: Equatable, Sendable {
        /// The admin sockets; nil means those that HAProxy's configuration names, an empty list that there is no HAProxy.
        let sockets: [FilePath]?
        let configuration: FilePath
        /// Where HAProxy sees other paths than this host.
        let paths: PathMap
        let reload: ReloadSettings
        /// Where handshakes are made; nil means the addresses that HAProxy's configuration binds.
        let probe: [ProbeAddress]?
    }

    /// Section `check`.
    struct CheckSettings: Equatable, Sendable {
        let thresholds: Thresholds
        /// A PEM file of trust anchors; nil means the system's store.
        let trust: FilePath?
        /// PEM files of roots that are no public CA's.
        let privateAnchors: [FilePath]
        let timeout: Duration
    }

    /// The file that is read where no other is named.
    static let standardFile = "/etc/certd/certd.toml"
}

extension Settings {
    /// Reads the values out of everything that was written.
    init(_ sources: SettingSources) throws(ConfigurationError) {
        letsencrypt = try sources.value(.letsencryptDirectory).path()
        haproxy = HAProxySettings(
            sockets: try sources.written(.haproxySockets)?.paths(),
            configuration: try sources.value(.haproxyConfiguration).path(),
            paths: try sources.written(.haproxyPathMap)?.pathMap() ?? PathMap(),
            reload: try ReloadSettings(sources),
            probe: try sources.written(.haproxyProbe)?.addresses())
        bundles = try sources.written(.bundlesDirectory)?.optionalPath()
        entries = try sources.file?.bundleEntries(below: letsencrypt) ?? []
        check = CheckSettings(
            thresholds: try Settings.thresholds(sources),
            trust: try sources.written(.checkTrust)?.optionalPath(),
            privateAnchors: try sources.written(.checkPrivateAnchors)?.paths() ?? [],
            timeout: try sources.value(.checkTimeout).duration())
        listen = try sources.written(.httpListen)?.loopbackAddress()
        notification = try sources.written(.notifyCommand)?.words() ?? []
        state = try sources.value(.pathsState).path()
        runtime = try sources.value(.pathsRuntime).path()
    }

    private static func thresholds(_ sources: SettingSources) throws(ConfigurationError) -> Thresholds {
        let (warning, critical) = (sources.value(.checkWarning), sources.value(.checkCritical))
        let (first, last) = (try warning.threshold(), try critical.threshold())
        do {
            return try Thresholds(warning: first, critical: last)
        } catch {
            throw (sources.written(.checkCritical) ?? warning).impossible(error.description)
        }
    }
}
