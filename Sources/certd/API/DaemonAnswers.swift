import CertKit
import Logging

extension APIResponder {
    /// Answers for the daemon behind `controller`, which began with `settings` and may have read others since.
    init(_ controller: DaemonController, _ settings: Settings) {
        // Looked at anew for each who asks: what certbot has just issued for the first time is there already.
        let inventory: @Sendable () async throws -> Inventory = {
            try await Inventory(settings: controller.lastLook.inventory?.settings ?? settings, world: .live)
        }
        let eyes = Eyes(controller.signatures)
        self.init(
            status: StatusDesk(version: { controller.figures.now.results }) {
                try await eyes.look { try await inventory() }
            },
            health: DaemonHealth(now: World.live.now, lastLook: { controller.lastLook }),
            figures: controller.figures,
            desk: DeploymentDesk(inventory: inventory) { lineages, isForced, isDryRun in
                try await controller.deploy(lineages, force: isForced, dryRun: isDryRun)
            })
    }
}

extension Logger {
    /// What a client does wrong is told to it, not to the log.
    var forServer: Logger {
        var quiet = self
        quiet.logLevel = max(logLevel, .warning)
        return quiet
    }
}
