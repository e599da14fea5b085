import ArgumentParser
import CertKit
import FoundationEssentials
import SystemPackage

/// `certd build`: bundles on disk, and nobody is told.
struct Build: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes the bundles of lineages, atomically and 0600, and tells nobody.",
        discussion: """
            HAProxy loads what is written here at its next start or reload; certd deploy is the command that makes it \
            serve the bundle at once.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: "Names of lineages, or their absolute directories; all where none is named.")
    var lineages: [String] = []

    @Option(help: ArgumentHelp("Write the bundle of one lineage to this file.", valueName: "file"))
    var output: String?

    @Flag(help: "Say what would be written, and do nothing.")
    var dryRun = false

    @Flag(help: "Write in spite of every guard but what libcrypto refuses.")
    var force = false

    func validate() throws {
        guard output != nil else { return }
        guard lineages.count == 1 else { throw ValidationError("--output takes exactly one lineage") }
    }

    func run() async throws {
        let inventory = try await Inventory(settings: try global.settings(), world: .live)
        let build = BundleBuild(
            inventory: inventory, output: output.map { FilePath($0) }, isForced: force, isDryRun: dryRun)
        let lock = dryRun ? nil : try await inventory.state.lock(within: DeploymentRun.lockLimit)
        var allWell = true
        for lineage in try inventory.lineages(named: lineages) {
            do {
                print(try await build.build(lineage))
            } catch {
                allWell = false
                ErrorReport.tell(error)
            }
        }
        lock?.release()
        guard allWell else { throw ExitCode.failure }
    }
}
