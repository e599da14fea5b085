import ArgumentParser

/// `certd doctor`: the whole set-up, point by point.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Looks at the whole set-up, and says what to mend.",
        discussion: """
            EXAMPLES
              certd doctor             a line a point, and a remedy where there is something to mend
              certd doctor --json      the same for programs

            Rights, sockets, hooks, units, what haproxy.cfg loads, ways to reload, clock, disk and versions. It changes \
            nothing. It exits with 1 where there is a problem; a warning is none. Run it as root, which sees everything; \
            certd check looks at the certificates.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Print it as JSON.")
    var json = false

    @Option(help: ArgumentHelp("Whether words are coloured.", valueName: "when"))
    var color = Painter.Choice.auto

    func run() async throws {
        let report: DoctorReport
        do {
            let inventory = try await Inventory(settings: try global.settings(), world: .live)
            report = await SetupDoctor(inventory, of: global.file, .live).report()
        } catch {
            report = SetupDoctor.report(of: error)
        }
        StandardOutput.write(json ? try report.json() : report.text(Painter(color)))
        if report.state == .problem { throw ExitCode.failure }
    }
}
