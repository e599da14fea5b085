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
              certd check --only time,chain          dates and chains alone

            Compares lineage, bundle, HAProxy's memory and the wire, and changes nothing. Exits with 0 ok, 1 warning, 2 critical, 3 unknown, the worst of all that was found.
            """
    )

    /// The forms of the answer.
    enum Output: String, ExpressibleByArgument, CaseIterable {
        case table, json
    }

    /// What the exit code tells.
    enum FailOn: String, ExpressibleByArgument, CaseIterable {
        case warning, critical, never
    }

    /// The groups that can be chosen.
    static let selectable = FindingGroup.allCases.filter { $0 != .program }

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

    @Option(
        name: [.customShort("H"), .long],
        help: ArgumentHelp("Every lineage looked at must cover this host; may be repeated.", valueName: "name"))
    var host: [String] = []

    @Option(
        help: ArgumentHelp("Trust anchors: this PEM file instead of the configured or the system's.", valueName: "file")
    )
    var trust: String?

    @Option(
        help: ArgumentHelp(
            "Look for these groups alone: \(Check.selectable.map(\.rawValue).joined(separator: ", ")).",
            valueName: "groups"))
    var only: String?

    @Option(help: ArgumentHelp("What to fail on; less than that exits with 0.", valueName: "severity"))
    var failOn = FailOn.warning

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
        throw ExitCode(failOn.exitCode(for: document.severity))
    }

    func validate() throws {
        _ = try groups()
    }

    private func groups() throws -> Set<FindingGroup> {
        guard let only else { return Set(FindingGroup.allCases) }
        let names = only.split(separator: ",").map { $0.filter { $0 != " " } }
        let chosen = names.compactMap { name in Check.selectable.first { $0.rawValue == name } }
        guard !names.isEmpty, chosen.count == names.count else {
            let known = Check.selectable.map(\.rawValue).joined(separator: ",")
            throw ValidationError("'\(only)' are no groups of findings. Please provide some of \(known).")
        }
        return Set(chosen)
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
        var checker = Checker(inventory: inventory, groups: try groups(), hosts: host)
        guard !noCache else { return await checker.document(of: chosen) }
        let file = SignatureFile(below: inventory.state.path)
        let signatures = file.read()
        checker.signatures = signatures
        let document = await checker.document(of: chosen)
        file.write(signatures, forgettingUnused: lineages.isEmpty)
        return document
    }

    private var overrides: [SettingOverride] {
        let options = [
            (SettingKey.checkWarning, "--warning", warning), (.checkCritical, "--critical", critical),
            (.checkTrust, "--trust", trust),
        ]
        return options.compactMap { key, flag, text in
            text.map { SettingOverride(key: key, value: .text($0), flag: flag) }
        }
    }
}

extension Check.FailOn {
    /// The exit code for a verdict; what could not be found out is no success of a check that may fail.
    func exitCode(for severity: Severity) -> Int32 {
        switch self {
        case .never: 0
        case .critical where severity == .warning: 0
        case .warning, .critical: severity.exitCode
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
