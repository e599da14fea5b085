import ArgumentParser
import CertKit

/// `certd rollback`: an older certificate, until told otherwise.
struct Rollback: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Goes back to an older certificate and stays there.",
        discussion: """
            EXAMPLES
              certd rollback pbx.example.com             the generation before the one deployed now
              certd rollback pbx.example.com --to 3      generation 3 of certbot's archive
              certd rollback pbx.example.com --unpin     follows certbot again, and deploys the newest

            It is deployed as any other: proven by a handshake, and undone when it fails. The lineage is pinned then: \
            deploy, the hook and the daemon keep that generation in place, whatever certbot renews, and check says so \
            (pinned), until --unpin.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(
        help: ArgumentHelp("The name of a lineage, or its absolute directory.", valueName: "lineage"),
        completion: .lineage)
    var lineage: String

    @Option(help: ArgumentHelp("The number of the generation in certbot's archive.", valueName: "number"))
    var to: Int?

    @Flag(help: "Go back in spite of every guard but what libcrypto or HAProxy refuses.")
    var force = false

    @Flag(help: "Follow certbot again.")
    var unpin = false

    func validate() throws {
        guard !unpin || (to == nil && !force) else { throw ValidationError("--unpin goes with no other option") }
        if let to, to < 1 { throw ValidationError("--to takes a number from 1 on") }
    }

    func run() async throws {
        let settings = try global.settings()
        let inventory = try await Inventory(settings: settings, world: .live)
        for lineage in try inventory.lineages(named: [lineage]) {
            let pinning = Pinning(inventory: inventory, lineage: lineage)
            let order = DeploymentOrder(command: .deploy, lineages: [lineage.name])
            if unpin {
                try await pinning.unpin()
                try await order.run(settings)
            } else {
                let before = try await pinning.pin(at: to, force: force)
                do {
                    try await order.run(settings)
                } catch {
                    // What the daemon may still do, or has done, is not to be undone by its next look.
                    if (error as? HandOverError)?.leavesOpen != true { try await pinning.restore(before) }
                    throw error
                }
            }
        }
    }
}
