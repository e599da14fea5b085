import ArgumentParser
import CertKit

/// `certd history`: what was deployed when.
struct History: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Shows what was deployed when, the newest first.",
        discussion: """
            EXAMPLES
              certd history                        every lineage
              certd history pbx.example.com        one, deleted ones too

            Old and new certificate by the beginning of their SHA-256, the stations that were out of step, how long it took, \
            and what failed; a failure that comes again is told once. Several hundred deployments are kept.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: ArgumentHelp(Certd.lineageHelp, valueName: "lineage"), completion: .lineage)
    var lineages: [String] = []

    @Flag(help: "Print it as JSON.")
    var json = false

    func run() throws {
        let settings = try global.settings()
        // Which lineages there are now does not matter.
        let names = Set(try lineages.map { try Lineage($0, below: settings.letsencrypt).name })
        let past = try StateDirectory(path: settings.state).history().reversed()
        let history = DeploymentHistory(
            deployments: names.isEmpty ? Array(past) : past.filter { names.contains($0.lineage) })
        StandardOutput.write(json ? try history.json() : history.text())
    }
}
