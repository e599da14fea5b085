import CertKit
import Logging

extension DaemonSocket {
    /// The socket of the daemon behind `controller`, which began with `settings` and may have read others since.
    init(_ controller: DaemonController, _ settings: Settings, logger: Logger) {
        // Looked at anew for each who asks: what certbot has just issued for the first time is there already.
        let inventory: @Sendable () async throws -> Inventory = {
            try await Inventory(settings: controller.lastLook.inventory?.settings ?? settings, world: .live)
        }
        let status = StatusDesk {
            do {
                let inventory = try await inventory()
                return try await Checker(inventory: inventory).document(named: [])
            } catch let error as LineageError {
                return StatusDocument(lineages: [], findings: [error.finding], at: World.live.now())
            }
        }
        let desk = DeploymentDesk(inventory: inventory) { lineages, isForced, isDryRun in
            try await controller.deploy(lineages, force: isForced, dryRun: isDryRun)
        }
        var quiet = logger
        // What a client does wrong is told to it.
        quiet.logLevel = max(logger.logLevel, .warning)
        self.init(
            directory: settings.runtime, responder: APIResponder(status: { try await status.document() }, desk: desk),
            logger: quiet)
    }
}
