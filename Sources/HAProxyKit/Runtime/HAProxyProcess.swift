/// What `show info` tells of a HAProxy process.
public struct HAProxyProcess: Sendable, Hashable {
    /// Its version.
    public let version: HAProxyVersion
    /// Whether it is a development version, which may lack what its version number promises.
    public let isDevelopment: Bool
    /// Its process id, as HAProxy sees it (a container may see another).
    public let pid: Int
    /// Seconds since it started.
    public let uptime: Int
    /// Whether it only waits for its sessions to end, after a reload.
    public let isStopping: Bool

    /// Parses the answer; nil where version, process id or uptime are missing.
    init?(_ answer: RuntimeAnswer) {
        guard let text = answer.value(of: "Version"), let version = HAProxyVersion(text),
            let pid = answer.value(of: "Pid").flatMap({ Int($0) }),
            let uptime = answer.value(of: "Uptime_sec").flatMap({ Int($0) })
        else { return nil }
        self.version = version
        self.isDevelopment = text.contains("-dev")
        self.pid = pid
        self.uptime = uptime
        self.isStopping = answer.value(of: "Stopping") == "1"
    }

    /// How many bytes a command with its payload may have.
    ///
    /// Before 3.4 they must fit into `tune.bufsize` (16,384 by default); beyond it 3.2.0 aborts its own process. 3.4
    /// takes 128 KiB.
    ///
    /// A smaller `configured` buffer counts; a larger one does not, since the process may run with what the file said
    /// before, and a message that is too long can end it.
    func longestMessage(configured: Int?) -> Int {
        guard version < HAProxyVersion(3, 4) || isDevelopment else { return 120 << 10 }
        return Self.longestMessageOfAll(configured: configured)
    }

    /// The same of whatever version runs.
    static func longestMessageOfAll(configured: Int?) -> Int {
        let buffer = min(configured ?? 16_384, 16_384)
        return buffer - buffer / 16
    }
}

extension HAProxyVersion {
    /// Whether it has every command of this module: `show ssl cert` and `new ssl cert` came with 2.2.
    var canChangeCertificates: Bool { self >= HAProxyVersion(2, 2) }
}
