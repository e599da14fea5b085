import ArgumentParser
import CertKit

/// `certd forget`: what is left of a lineage that was deleted.
struct Forget: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Removes what is left of a lineage that certbot has deleted.",
        discussion: """
            EXAMPLES
              certbot delete --cert-name old.example.com
              certd forget old.example.com

            Its bundle stays on disk and is served until this is called, because nothing tells whether somebody still \
            needs it. Where HAProxy would not start without the bundle it is not removed. certd history keeps its lines.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(
        help: ArgumentHelp("The name that the lineage had, or its absolute directory.", valueName: "lineage"),
        completion: .lineage)
    var lineage: String

    func run() async throws {
        let inventory = try await Inventory(settings: try global.settings(), world: .live)
        let state = inventory.state.deployments(except: [Lineage](), below: inventory.settings.letsencrypt)
        let known = inventory.lineages + state.map(\.lineage)
        let lineage = try inventory.settings.lineage(for: lineage, among: known)
        for line in try await Forgetting(inventory: inventory, lineage: lineage).run() {
            StandardOutput.print(line.printable)
        }
    }
}
