import ArgumentParser
import CertKit
import SystemPackage

/// `certd inspect`: what is in there.
struct Inspect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Shows what a file, a lineage or an address holds.",
        discussion: """
            EXAMPLES
              certd inspect pbx.example.com                  the chain of a lineage, and what is wrong with it
              certd inspect pbx.example.com:443              what is served there
              openssl s_client -connect pbx:443 -showcerts </dev/null | certd inspect -

            Draws the chain as a tree and the validity as a bar, with the findings where they belong. It shows and does \
            not judge: it exits with 0 where something could be read. No private key is ever printed.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(
        help: ArgumentHelp(
            "A file, a directory of files, a lineage, HOST:PORT, or - for standard input.", valueName: "operand"))
    var operand: String

    @Option(help: ArgumentHelp("The private key of the file.", valueName: "file"), completion: .file())
    var key: String?

    @Option(help: ArgumentHelp("Ask HOST:PORT for this name instead of its own.", valueName: "name"))
    var servername: String?

    @Flag(help: "Print the certificates themselves, the leaf first.")
    var pem = false

    @Flag(help: "Print the document that check prints.")
    var json = false

    @Option(help: ArgumentHelp("Whether words are coloured.", valueName: "when"))
    var color = Painter.Choice.auto

    func run() async throws {
        let settings = try global.settings()
        var examiner = try Examiner(settings, world: .live, hosts: [])
        (examiner.keyFile, examiner.serverName) = (key.map { FilePath($0) }, servername)
        let specimens = await examiner.specimens(of: try place(settings))
        let now = examiner.judge.now
        if json {
            let document = StatusDocument(lineages: specimens.map(\.status), findings: [Finding](), at: now)
            StandardOutput.write(try document.json())
        } else if pem {
            for specimen in specimens { StandardOutput.write(specimen.pem) }
        } else {
            let texts = specimens.map { InspectionText(specimen: $0, now: now, painter: Painter(color)).text() }
            StandardOutput.write(texts.joined(separator: "\n"))
        }
        // What could not be read has not been shown.
        guard specimens.contains(where: { $0.chain != nil }) else { throw ExitCode.failure }
    }

    /// A lineage is looked at by its fullchain.pem, which needs no right to read its key.
    private func place(_ settings: Settings) throws -> CheckOperand {
        let place = CheckOperand(operand, below: settings.letsencrypt)
        guard case .lineage(let name) = place else { return place }
        let known = (try? Lineage.all(below: settings.letsencrypt)) ?? []
        let lineage = try settings.lineage(for: name, among: settings.lineages(with: known))
        return .file(lineage.directory.appending("fullchain.pem"))
    }

    func validate() throws {
        guard !(pem && json) else { throw ValidationError("--pem and --json exclude each other") }
    }
}
