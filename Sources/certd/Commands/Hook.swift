import ArgumentParser
import CertKit
import FoundationEssentials
import SystemPackage

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
            directory; without it, whatever is out of step. A hook that hangs holds certbot's lock, so no lineage is \
            begun after 60 seconds.
            """
    )

    /// What the last lineage takes is bounded too; both together stay below the 120 seconds of the hooks.
    private static let limit = Duration.seconds(60)

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let deadline = ContinuousClock.now + Hook.limit
        let inventory = try await Inventory(settings: try global.settings(), world: .live)
        let renewed = try Hook.renewedLineage(below: inventory.settings.letsencrypt) ?? inventory.lineages
        let chosen = DeploymentLines.leavingAlone(renewed, of: inventory)
        let run = DeploymentRun(inventory: inventory)
        guard try await run.run(chosen, until: deadline, tell: DeploymentLines.print) else { throw ExitCode.failure }
    }

    /// What certbot says that it renewed, as far as it can be believed; nil where it says nothing.
    private static func renewedLineage(below letsencrypt: FilePath) throws -> [Lineage]? {
        guard let hint = ProcessInfo.processInfo.environment["RENEWED_LINEAGE"], !hint.isEmpty else { return nil }
        return [try Lineage(hint: hint, below: letsencrypt)]
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
