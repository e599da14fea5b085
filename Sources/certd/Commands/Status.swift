import ArgumentParser
import CertKit

/// `certd status`: the four stations for a person.
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows the four stations of every lineage, the worst first.",
        discussion: """
            EXAMPLES
              certd status                        every lineage
              certd status pbx.example.com        one

            What holds which certificate, since when, when it was last deployed and when certbot renews it. It shows and \
            does not judge: certd check has the exit code for that.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: ArgumentHelp(Certd.lineageHelp, valueName: "lineage"), completion: .lineage)
    var lineages: [String] = []

    @Flag(help: "Print the document that check prints.")
    var json = false

    @Option(help: ArgumentHelp("Whether words are coloured.", valueName: "when"))
    var color = Painter.Choice.auto

    func run() async throws {
        let settings = try global.settings()
        let document = try await StatusSight(settings: settings).document(of: lineages)
        StandardOutput.write(
            json
                ? try document.json()
                : StatusText(document: document, now: World.live.now(), painter: Painter(color)).text())
    }
}
