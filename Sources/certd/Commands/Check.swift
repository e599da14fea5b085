import ArgumentParser
import CertKit
import FoundationEssentials

/// `certd check`: the verdict for monitoring.
struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Looks at every lineage and its stations, changes nothing, and gives a verdict.",
        discussion: """
            EXAMPLES
              certd check                        every lineage, for a person
              certd check pbx.example.com -o json

            Exits with 0 ok, 1 warning, 2 critical, 3 unknown, the worst of all that was found.
            """
    )

    /// The forms of the answer.
    enum Output: String, ExpressibleByArgument, CaseIterable {
        case table, json
    }

    @OptionGroup var global: GlobalOptions

    @Argument(help: "Names of lineages, or their absolute directories; all where none is named.")
    var lineages: [String] = []

    @Option(name: [.customShort("o"), .long], help: "How to print it.")
    var output = Output.table

    @Flag(help: "The same as --output json.")
    var json = false

    @Option(
        name: .shortAndLong,
        help: "Warn below this: a part of the lifetime (25%), a time (20d, 36h), days, or a range of seconds.")
    var warning: String?

    @Option(name: .shortAndLong, help: "Critical below this.")
    var critical: String?

    func run() async throws {
        let settings = try global.settings(overriding: overrides)
        let inventory = try await Inventory(settings: settings, world: .live)
        let checker = Checker(inventory: inventory)
        let document = await checker.document(of: try inventory.lineages(named: lineages))
        let text =
            switch json ? .json : output {
            case .json: try document.json()
            case .table: StatusTable(document: document, now: Date.now).text()
            }
        print(text, terminator: "")
        throw ExitCode(document.severity.exitCode)
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
