import FoundationEssentials
import HAProxyKit
import SystemPackage

/// What lies outside the process, passed in so that a test decides what happens.
struct World: Sendable {
    /// The wall clock: certificates are valid by it.
    var now: @Sendable () -> Date
    /// The Runtime API behind a socket path.
    var runtime: @Sendable (_ socket: String) -> RuntimeAPI
    /// HAProxy's master behind a socket path.
    var master: @Sendable (_ socket: String) -> MasterCLI = { MasterCLI(socket: $0) }
    /// Runs a program with its arguments.
    var run: @Sendable (_ words: [String], _ limit: Duration) async -> HostProgram.End = {
        await HostProgram.run($0, within: $1)
    }
    /// How long each step of a reload is waited for.
    var patience = Duration.seconds(15)
    /// Handshakes.
    var probe: HandshakeProbe
    /// What `haproxy -c` says of a configuration.
    var judge: @Sendable (_ configuration: FilePath) async -> StartVerdict
    /// Tells one boot from the next: a transaction does not survive it.
    var bootID: @Sendable () -> String
}

extension World {
    /// The real one.
    static let live = World(
        now: { Date.now },
        runtime: { RuntimeAPI(socket: $0) },
        probe: .live,
        judge: { await StartVerdict.ofHAProxy(configuration: $0) },
        bootID: { StateDirectory.currentBootID }
    )
}
