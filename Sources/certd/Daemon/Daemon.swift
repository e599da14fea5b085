import CertKit
import Logging
import ServiceLifecycle
import SystemPackage
import UnixSignals

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
    /// The time between two looks.
    var interval = Duration.seconds(60)

    func run() async {
        await withGracefulShutdownHandler {
            var loop = DaemonLoop(self)
            await loop.run()
        } onGracefulShutdown: {
            supervisor.stopping()
            controller.inbox.end()
        }
    }
}

/// Has the configuration read again at each SIGHUP.
struct HangUps: Service {
    let signals: UnixSignalsSequence
    let inbox: Inbox

    func run() async {
        // Not a sequence of both kinds of end: that would need a task of its own on Swift's pool, see ``DaemonExecutor``.
        await cancelWhenGracefulShutdown {
            for await _ in signals { inbox.reload() }
        }
    }
}
