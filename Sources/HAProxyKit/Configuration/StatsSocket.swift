internal import SystemPackage

/// A `stats socket` line of the `global` section: a Runtime API socket in the file system.
public struct StatsSocket: Sendable, Hashable {
    /// What those who reach a socket may do.
    public enum Level: String, Sendable {
        /// Look at statistics.
        case user
        /// Look at everything.
        case `operator`
        /// Change everything, which a deployment needs.
        case admin
    }

    /// Where the socket is on this host.
    public let path: String
    /// What it lets through; HAProxy's default is operator.
    public let level: Level
    /// Its permissions, as they are written (octal).
    public let mode: String?
    /// Its group, by name.
    public let group: String?
    /// The line it stands on, counted from 1.
    public let line: Int

    /// Reads a line that begins with `stats socket`; nil for a socket that is no file, or whose path is in a variable.
    init?(_ line: ConfigurationLine, _ paths: PathMap) {
        let words = line.words.dropFirst(2)
        guard let address = words.first, !address.holdsVariable else { return nil }
        if address.text.hasPrefix("unix@") {
            path = paths.onHost(FilePath(String(address.text.dropFirst("unix@".count)))).string
        } else if address.text.hasPrefix("/") {
            path = paths.onHost(FilePath(address.text)).string
        } else {
            return nil
        }
        let options = words.dropFirst().map(\.text)
        func value(of option: String) -> String? {
            zip(options, options.dropFirst()).first { $0.0 == option }?.1
        }
        level = value(of: "level").flatMap(Level.init) ?? .operator
        mode = value(of: "mode")
        group = value(of: "group")
        self.line = line.number
    }
}
