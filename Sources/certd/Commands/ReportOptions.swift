import ArgumentParser
import CertKit
import FoundationEssentials
import SystemPackage

/// How `check` gives its answer, and within what time.
struct ReportOptions: ParsableArguments {
    /// The forms of the answer.
    enum Form: String, ExpressibleByArgument, CaseIterable {
        case table, wide, json, nagios, prometheus
    }

    /// What monitoring systems allow a plugin, in seconds.
    static let nagiosLimit = "10"

    @Option(name: [.customShort("o"), .long], help: ArgumentHelp("How to print it.", valueName: "form"))
    var output = Form.table

    @Flag(help: "The same as --output json.")
    var json = false

    @Flag(
        name: .shortAndLong, help: "In nagios output: all objects (-v), their findings (-vv), leaf and stations (-vvv)."
    )
    var verbose: Int

    @Option(
        help: ArgumentHelp(
            "In nagios output: performance data of this many lineages at most; else of as many as Nagios reads.",
            valueName: "count"))
    var maxPerfdata: Int?

    @Option(
        help: ArgumentHelp(
            "Write it there instead, in one step and readable by everybody, as a textfile collector needs it.",
            valueName: "file"), completion: .file())
    var outputFile: String?

    @Option(
        name: [.customShort("t"), .customLong("timeout")],
        help: ArgumentHelp(
            "Critical where the whole run takes longer; 10 in nagios output, else no limit.", valueName: "seconds"))
    var limit: String?

    @Option(help: ArgumentHelp("Whether words are coloured.", valueName: "when"))
    var color = Painter.Choice.auto

    @Flag(name: .shortAndLong, help: "Print nothing: the exit code is the answer.")
    var quiet = false

    @Flag(name: .customShort("V"), help: "Print the version.")
    var showsVersion = false

    var form: Form { json ? .json : output }

    func validate() throws {
        guard maxPerfdata.map({ $0 >= 0 }) ?? true else { throw ValidationError("--max-perfdata takes a count") }
        guard limit == nil || seconds != nil else {
            throw ValidationError("'\(limit ?? "")' is no number of seconds above 0 for --timeout")
        }
        if showsVersion { throw CleanExit.message(Version.current) }
    }

    /// Whether the answer says more of a leaf than its dates.
    var describesLeaves: Bool {
        switch form {
        case .table: false
        case .nagios: verbose > 2
        case .wide, .json, .prometheus: true
        }
    }

    private var limitInForce: String? { limit ?? (form == .nagios ? ReportOptions.nagiosLimit : nil) }

    private var seconds: Double? {
        guard let limit = limitInForce else { return nil }
        return plainNumber(limit).flatMap { $0 > 0 && $0 <= 86_400 ? $0 : nil }
    }

    /// Begins to measure the time.
    func begin() {
        guard let seconds, let limit = limitInForce else { return }
        let form = form
        let message = "no verdict within \(limit) s"
        let hint = "see what answers late: certd check; and give it longer: --timeout"
        RunLimit.start(seconds: seconds, exitingWith: Severity.critical.exitCode) {
            if form == .nagios {
                StandardOutput.write(NagiosReport.text(.critical, message, hint: hint))
            } else {
                ErrorReport.tell(message, hint: hint)
            }
        }
    }

    /// Gives the answer.
    ///
    /// - Throws: ``WriteError`` where the file cannot be written.
    func give(_ document: StatusDocument, _ settings: Settings, at now: Date) throws {
        if seconds != nil { RunLimit.finish() }
        if let outputFile {
            try write(try text(of: document, settings, .plain, now), to: FilePath(outputFile))
        } else if !quiet {
            switch form {
            case .table, .wide: StandardOutput.writeLines(table(of: document, Painter(color), now).write)
            default: StandardOutput.write(try text(of: document, settings, Painter(color), now))
            }
        }
    }

    private func table(of document: StatusDocument, _ painter: Painter, _ now: Date) -> StatusTable {
        let width = form == .table && outputFile == nil ? Terminal.width : nil
        return StatusTable(document: document, now: now, isWide: form == .wide, painter: painter, width: width)
    }

    private func text(
        of document: StatusDocument, _ settings: Settings, _ painter: Painter, _ now: Date
    ) throws -> String {
        switch form {
        case .table, .wide: table(of: document, painter, now).text()
        case .json: try document.json()
        case .prometheus: PrometheusReport(document: document, now: now).text()
        case .nagios:
            NagiosReport(
                document: document, now: now, thresholds: settings.check.thresholds, verbosity: verbose,
                perfdataLimit: maxPerfdata
            ).text()
        }
    }

    /// By a dot-file that is renamed, so that a collector never meets half a file.
    private func write(_ text: String, to path: FilePath) throws {
        let directory = path.removingLastComponent()
        // Whoever collects may own the directory: no key is written here.
        let owner = try? Stat(directory.isEmpty ? "." : directory).userID.rawValue
        let file = try StagedFile(
            replacing: path, with: SecretBytes(copying: Array(text.utf8).span),
            mode: [.ownerReadWrite, .groupRead, .otherRead], trusting: Set([owner].compactMap { $0 }))
        try file.install()
    }
}

extension ReportOptions {
    /// Whether `arguments`, which could not be parsed, ask for plugin output, where errors stand on standard output too.
    static func wantNagios(_ arguments: [String]) -> Bool {
        let forms = ["-o=nagios", "--output=nagios"]
        return zip(arguments, arguments.dropFirst() + [""]).contains { argument, next in
            forms.contains(argument) || ["-o", "--output"].contains(argument) && next == Form.nagios.rawValue
        }
    }
}
