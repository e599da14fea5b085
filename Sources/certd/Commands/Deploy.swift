import ArgumentParser

/// `certd deploy`: all four stations.
struct Deploy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy",
        abstract: "Brings lineages onto the wire, and proves it.",
        discussion: """
            EXAMPLES
              certd deploy                              every lineage that is out of step
              certd deploy pbx.example.com --dry-run    what would be done for this one

            A lineage goes to its bundle on disk, into HAProxy's memory and onto the wire, where a handshake proves it. \
            Where all stations agree nothing is touched. What HAProxy refuses never reaches the disk, and a failure leaves the certificate served before. \
            Where certd's daemon is running it does the work.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: ArgumentHelp(Certd.lineageHelp, valueName: "lineage"), completion: .lineage)
    var lineages: [String] = []

    @Flag(help: "Say what would be done, and do nothing.")
    var dryRun = false

    @Flag(help: "Deploy in spite of every guard but what libcrypto or HAProxy refuses.")
    var force = false

    @Flag(help: "Deploy what the daemon asks root for; certd-deploy.service runs this.")
    var requested = false

    func validate() throws {
        guard requested else { return }
        guard lineages.isEmpty, !force, !dryRun else { throw ValidationError("--requested goes with nothing else") }
    }

    func run() async throws {
        if requested { return try await runRequested() }
        let order = DeploymentOrder(command: .deploy, lineages: lineages, isForced: force, isDryRun: dryRun)
        try await order.run(try global.settings())
    }

    /// Never by way of the daemon, which waits for this.
    private func runRequested() async throws {
        let inventory = try await Inventory(settings: try global.settings(), world: .live)
        guard try await RootRequests(inventory.settings).carryOut(by: inventory) else { throw ExitCode.failure }
    }
}
