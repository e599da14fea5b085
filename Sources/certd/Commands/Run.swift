import ArgumentParser
import CertKit
import FoundationEssentials
import Logging
import ServiceLifecycle

/// `certd run`: the daemon.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Notices renewals and deploys them, until it is stopped: the daemon.",
        discussion: """
            EXAMPLES
              certd run                                stays in the foreground, as a supervisor wants it
              systemctl reload certd                   has it read its configuration again

            Looks at every lineage, its bundle and HAProxy once a minute, and sooner when certbot changes something; \
            deploys whatever is out of step, and tries again after a failure. SIGTERM ends it after the deployment \
            that is under way.
            """
    )

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await withTaskExecutorPreference(DaemonExecutor()) { try await serve() }
    }

    private func serve() async throws {
        let environment = ProcessInfo.processInfo.environment
        let logger = Logger(label: "certd") { _ in DaemonLog(environment: environment) }
        let configuration = ConfigurationMemory()
        let settings: Settings
        do {
            settings = try global.settings(recalling: configuration)
        } catch {
            ErrorReport(error)?.tell()
            // By 2 a supervisor knows that starting it again does not help.
            throw ExitCode(error.mayPass ? 1 : 2)
        }
        let controller = DaemonController(signatures: CheckRecord(below: settings.state).signatures)
        var daemon = Daemon(
            configure: { [global] in try global.settings(recalling: configuration) }, settings: settings, world: .live,
            supervisor: Supervisor(environment: environment), logger: logger, controller: controller)
        // Before anybody is told that the daemon works: an untrapped SIGHUP would end it.
        let signals = Signals(inbox: controller.inbox)
        let responder = APIResponder(controller, settings)
        var socket = DaemonSocket(directory: settings.runtime, responder: responder, logger: logger.forServer)
        let (listening, isListening) = AsyncStream<Void>.makeStream()
        socket.isListening = { isListening.finish() }
        daemon.whenReached = {
            await withGracefulShutdownHandler {
                for await _ in listening {}
            } onGracefulShutdown: {
                isListening.finish()
            }
        }
        var services: [any Service] = [socket]
        if let listen = settings.listen {
            services.append(LoopbackListener(address: listen, responder: responder, logger: logger.forServer))
        }
        // The last one ends first: whoever waits for a deployment then hears how it ended, or that it will not be. One that
        // fails ends the others in the same way, and what it threw is told then.
        services += [RootDesk(controller: controller), daemon, signals]
        let group = ServiceGroup(
            configuration: .init(
                services: services.map {
                    .init(
                        service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup)
                }, logger: logger))
        try await group.run()
    }
}
