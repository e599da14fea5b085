import ArgumentParser
import CertKit
import FoundationEssentials

/// `certd hook`: what certbot's deploy and post hooks run.
struct Hook: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hook",
        abstract: "Deploys what certbot renewed; its hooks run this.",
        discussion: """
            EXAMPLES
              certd hook            bring whatever is out of step onto the wire
              RENEWED_LINEAGE=/etc/letsencrypt/live/pbx.example.com certd hook

            With RENEWED_LINEAGE in the environment that lineage is deployed, if it is one below the configured live \
            directory; without it, whatever is out of step. Where certd's daemon is running it does the work, and the \
            hook waits for it. A hook that hangs holds certbot's lock, so no lineage is begun after 60 seconds, and the \
            daemon's answer is waited for no longer than 110.
            """
    )

    /// What the last lineage takes is bounded too; both together stay below the 120 seconds of the hooks.
    private static let limit = Duration.seconds(60)
    /// And so does waiting for a daemon, which may have more to do than this.
    private static let patience = Duration.seconds(110)

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let hint = ProcessInfo.processInfo.environment["RENEWED_LINEAGE"]
        let order = DeploymentOrder(command: .hook, hint: hint.flatMap { $0.isEmpty ? nil : $0 })
        try await order.run(try global.settings(), startingWithin: Hook.limit, waiting: Hook.patience)
    }
}

extension LineageError: UsageDiagnosis {
    /// What the environment or an operand names is the caller's; what the files hold is not.
    var blamesArguments: Bool {
        switch self {
        case .notBelieved, .invalidName: true
        default: false
        }
    }
}
