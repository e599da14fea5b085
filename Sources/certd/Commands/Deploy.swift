import ArgumentParser

/// `certd deploy`: all four stations.
struct Deploy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Brings lineages to their bundles, into HAProxy's memory and onto the wire, and proves it.",
        discussion: """
            Without LINEAGE every lineage is brought into step. Where all four stations agree nothing is touched. What \
            HAProxy refuses never reaches the disk, and a failure leaves the certificate served before.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: "Names of lineages, or their absolute directories; all where none is named.")
    var lineages: [String] = []

    @Flag(help: "Say what would be done, and do nothing.")
    var dryRun = false

    @Flag(help: "Deploy in spite of every guard but what libcrypto or HAProxy refuses.")
    var force = false

    func run() async throws {
        let inventory = try await Inventory(settings: try global.settings(), world: .live)
        let run = DeploymentRun(inventory: inventory, isForced: force, isDryRun: dryRun)
        let named = try inventory.lineages(named: lineages)
        guard try await run.run(named, tell: DeploymentLines.print) else { throw ExitCode.failure }
    }
}
