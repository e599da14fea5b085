import SystemPackage

extension Settings {
    /// The admin sockets of this host's HAProxy: the configured ones, else those of HAProxy's own configuration, else
    /// the one that Debian's package makes.
    ///
    /// - Parameters:
    ///   - statsSockets: The `stats socket` paths of level admin in HAProxy's configuration; empty where there is none.
    ///   - isPresent: Whether something stands at a path.
    /// - Returns: An empty list where there is no HAProxy, which then is not looked for.
    func adminSockets(statsSockets: [FilePath], isPresent: (FilePath) -> Bool) -> [FilePath] {
        if let sockets = haproxy.sockets { return sockets }
        if !statsSockets.isEmpty { return statsSockets }
        let usual: FilePath = "/run/haproxy/admin.sock"
        return isPresent(usual) ? [usual] : []
    }
}
