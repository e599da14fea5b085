import CertKit
import Logging
import ServiceLifecycle
import SystemPackage

/// `certd run`: notices what is out of step and deploys it, until it is told to end.
struct Daemon: Service {
    /// Reads the configuration; again at each request to.
    let configure: @Sendable () throws -> Settings
    /// What was read first.
    let settings: Settings
    let world: World
    let supervisor: Supervisor
    let logger: Logger
    let controller: DaemonController
    /// What is watched through, given what to do with each event.
    var watch: @Sendable (@escaping Inotify.Handler) -> Result<Watches.Source, Errno> = Watches.Source.inotify
    /// Returns when clients can connect, or it is to end before.
    var whenReached: @Sendable () async -> Void = {}
    /// The time between two looks.
    var interval = Duration.seconds(60)

    func run() async {
        // One that nobody can reach does nothing at all: another one may be running.
        await whenReached()
        guard !Task.isShuttingDownGracefully else { return }
        await withGracefulShutdownHandler {
            var loop = DaemonLoop(self)
            await loop.run()
        } onGracefulShutdown: {
            supervisor.stopping()
            controller.inbox.end()
        }
    }
}
