import ArgumentParser
import CertKit

/// `certd check`: the verdict for monitoring.
struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Looks at every lineage and gives a verdict.",
        discussion: """
            EXAMPLES
              certd check                            every lineage, the worst first
              certd check pbx.example.com -o json    one, for a program

            Compares lineage, bundle, HAProxy's memory and the wire, and changes nothing. Exits with 0 ok, 1 warning, 2 critical, 3 unknown, the worst of all that was found.
            """
    )

    /// The forms of the answer.
    enum Output: String, ExpressibleByArgument, CaseIterable {
        case table, json
    }

    @OptionGroup var global: GlobalOptions

    @Argument(help: ArgumentHelp(Certd.lineageHelp, valueName: "lineage"))
    var lineages: [String] = []

    @Option(name: [.customShort("o"), .long], help: ArgumentHelp("How to print it.", valueName: "form"))
    var output = Output.table

    @Flag(help: "The same as --output json.")
    var json = false

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Warn below this: a part of the lifetime (25%), a time (20d, 36h), days, or a range of seconds.",
            valueName: "limit"))
    var warning: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("Critical below this.", valueName: "limit"))
    var critical: String?

    @Flag(help: "Verify every signature, also those that an earlier run has verified.")
    var noCache = false

    func run() async throws {
        let settings = try global.settings(overriding: overrides)
        let document = try await document(settings)
        let text =
            switch json ? .json : output {
            case .json: try document.json()
            case .table: StatusTable(document: document, now: World.live.now()).text()
            }
        StandardOutput.write(text)
        throw ExitCode(document.severity.exitCode)
    }

    /// What is seen; that the lineages may not be seen at all is a finding too.
    private func document(_ settings: Settings) async throws -> StatusDocument {
        let inventory: Inventory
        do {
            inventory = try await Inventory(settings: settings, world: .live)
        } catch let error as LineageError {
            return StatusDocument(lineages: [], findings: [error.finding], at: World.live.now())
        }
        let chosen = try inventory.lineages(named: lineages)
        guard !noCache else { return await Checker(inventory: inventory).document(of: chosen) }
        let file = SignatureFile(below: inventory.state.path)
        let signatures = file.read()
        let document = await Checker(inventory: inventory, signatures: signatures).document(of: chosen)
        file.write(signatures, forgettingUnused: lineages.isEmpty)
        return document
    }

    private var overrides: [SettingOverride] {
        let options = [(SettingKey.checkWarning, "--warning", warning), (.checkCritical, "--critical", critical)]
        return options.compactMap { key, flag, text in
            text.map { SettingOverride(key: key, value: .text($0), flag: flag) }
        }
    }
}

extension Severity {
    /// What monitoring plugins exit with.
    var exitCode: Int32 {
        switch self {
        case .ok: 0
        case .warning: 1
        case .critical: 2
        case .unknown: 3
        }
    }
}
