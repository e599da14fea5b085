internal import CLinux
import ArgumentParser
import CertKit
import FoundationEssentials
import SystemPackage

/// `certd check`: the verdict for monitoring.
struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Looks at every lineage and gives a verdict.",
        discussion: """
            EXAMPLES
              certd check                            every lineage, the worst first
              certd check pbx.example.com -o json    one, for a program
              certd check --only time,chain          dates and chains alone, in a fraction of the time
              certd check /etc/haproxy/certs         files; also HOST:PORT and -

            Compares lineage, bundle, HAProxy's memory and the wire, and changes nothing. Nothing is done for groups that --only leaves out; without bundle, memory and wire a chain is believed where names and key identifiers fit, unless --no-cache is given. Exits with 0 ok, 1 warning, 2 critical, 3 unknown, the worst of all that was found.
            """
    )

    /// What the exit code tells.
    enum FailOn: String, ExpressibleByArgument, CaseIterable {
        case warning, critical, never
    }

    /// The groups that can be chosen.
    static let selectable = FindingGroup.allCases.filter { $0 != .program }

    @OptionGroup var global: GlobalOptions

    @OptionGroup var report: ReportOptions

    @Argument(
        help: ArgumentHelp(
            "\(Certd.lineageHelp) Or a file, a directory of files, HOST:PORT, or - for standard input.",
            valueName: "operand"), completion: .lineage)
    var operands: [String] = []

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

    @Option(
        help: ArgumentHelp("The private key of the file that is looked at.", valueName: "file"), completion: .file())
    var key: String?

    @Option(help: ArgumentHelp("Ask HOST:PORT for this name instead of its own.", valueName: "name"))
    var servername: String?

    @Option(help: ArgumentHelp("What to fail on; less than that exits with 0.", valueName: "severity"))
    var failOn = FailOn.warning

    @Flag(help: "Read every file and verify every signature and key, whatever an earlier run has found.")
    var noCache = false

    func run() async throws {
        report.begin()
        let settings = try global.settings(overriding: overrides)
        let document = try await document(settings)
        try report.give(document, settings, at: World.live.now())
        throw ExitCode(failOn.exitCode(for: document.severity))
    }

    func validate() throws {
        _ = try groups()
        guard key == nil || operands.count == 1 else {
            throw ValidationError("--key goes with one file. Please provide it: certd check FILE --key FILE.")
        }
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

    /// What is seen of the operands, or of every lineage.
    private func document(_ settings: Settings) async throws -> StatusDocument {
        var names: [String] = []
        var others: [CheckOperand] = []
        for operand in operands.map({ CheckOperand($0, below: settings.letsencrypt) }) {
            if case .lineage(let name) = operand { names.append(name) } else { others.append(operand) }
        }
        guard !others.isEmpty else { return try await document(of: names, settings) }
        var examiner = try Examiner(settings, world: .live, hosts: host)
        (examiner.keyFile, examiner.serverName) = (key.map { FilePath($0) }, servername)
        let chosen = try groups()
        examiner.judge.evidence = chosen.needSignatures || noCache ? .signature : .keyIdentifier
        var statuses: [LineageStatus] = []
        for operand in others {
            statuses += await examiner.specimens(of: operand).map { specimen in
                var specimen = specimen
                // What keeps it from being read hides the rest, so it is told whatever was chosen.
                if specimen.chain != nil { specimen.findings.removeAll { !chosen.contains($0.id.group) } }
                return specimen.status
            }
        }
        let lineages = names.isEmpty ? nil : try await document(of: names, settings)
        return StatusDocument(
            lineages: statuses + (lineages?.lineages ?? []), findings: lineages?.findings ?? [],
            at: World.live.now(), from: lineages?.source ?? .files)
    }

    /// What is seen of lineages; that they may not be seen at all is a finding too.
    private func document(of names: [String], _ settings: Settings) async throws -> StatusDocument {
        let inventory: Inventory
        do {
            inventory = try await Inventory(
                settings: settings, world: .live, withStations: try groups().lastStation != nil)
        } catch let error as LineageError {
            let blind = StatusDocument(lineages: [], findings: [error.finding], at: World.live.now())
            return try await deferring(blind, names, settings)
        }
        var checker = Checker(inventory: inventory, groups: try groups(), hosts: host)
        checker.tellsLeaves = report.describesLeaves
        // Several at once would be a burst of handshakes to a HAProxy.
        checker.cores = inventory.sockets.isEmpty ? Int(certd_usable_cores()) : 1
        let progress = report.quiet ? nil : Progress.onTerminal()
        checker.tellsDeployments = report.form == .json || report.form == .prometheus
        checker.verifiesEverySignature = noCache
        guard !noCache, checker.groups.parts != .fullchain else {
            return try await deferring(checker.document(named: names, showing: progress), names, settings)
        }
        let record = CheckRecord(below: inventory.state.path)
        (checker.signatures, checker.calm) = (record.signatures, record.calm)
        let document = try await checker.document(named: names, showing: progress)
        // Where signatures are not asked for, all that are remembered would count as gone.
        record.write(lineages: operands.isEmpty && checker.groups.needSignatures ? inventory.lineages.count : nil)
        return try await deferring(document, names, settings)
    }

    /// `document`, or what the daemon sees where this process may not.
    private func deferring(_ document: StatusDocument, _ names: [String], _ settings: Settings) async throws
        -> StatusDocument
    {
        guard document.mayNotRead else { return document }
        let second = SecondSight(settings: settings, groups: try groups(), hosts: host, ignoresTrust: trust != nil)
        return try await second.document(instead: document, of: names, at: World.live.now())
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
