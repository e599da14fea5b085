import ArgumentParser
import CertKit
import FoundationEssentials
import SystemPackage

/// `certd build`: bundles on disk, and nobody is told.
struct Build: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Writes bundles to disk, and tells nobody.",
        discussion: """
            EXAMPLES
              certd build                                        every lineage's bundle
              certd build pbx.example.com --output bundle.pem    one, to a place of its own

            Bundles are written whole or not at all, and only their owner can read them. \
            HAProxy loads what is written here at its next start or reload; certd deploy is the command that makes it \
            serve the bundle at once.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: ArgumentHelp(Certd.lineageHelp, valueName: "lineage"), completion: .lineage)
    var lineages: [String] = []

    @Option(help: ArgumentHelp("Write the bundle of one lineage to this file.", valueName: "file"))
    var output: String?

    @Flag(help: "Say what would be written, and do nothing.")
    var dryRun = false

    @Flag(help: "Write in spite of every guard but what libcrypto refuses.")
    var force = false

    func validate() throws {
        guard let output else { return }
        guard !output.isEmpty else { throw ValidationError("--output needs the name of a file") }
        guard lineages.count == 1 else { throw ValidationError("--output takes exactly one lineage") }
    }

    func run() async throws {
        let inventory = try await Inventory(settings: try global.settings(), world: .live)
        let build = BundleBuild(
            inventory: inventory, output: output.map { FilePath($0) }, isForced: force, isDryRun: dryRun)
        let lock = dryRun ? nil : try await inventory.state.lock(within: DeploymentRun.lockLimit)
        var allWell = true
        let named = try inventory.lineages(named: lineages)
        if named.isEmpty { StandardOutput.print(inventory.nothingToDo) }
        for lineage in named {
            do {
                StandardOutput.print(try await build.build(lineage).printable)
            } catch {
                allWell = false
                ErrorReport.tell(error, of: lineage.name)
            }
        }
        lock?.release()
        guard allWell else { throw ExitCode.failure }
    }
}
