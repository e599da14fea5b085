import ArgumentParser
import CertKit
import FoundationEssentials
import Glibc
import SystemPackage

/// `certd init`: from what this host has to a configuration and certbot's hooks.
struct Init: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Sets certd up on this host, in the place of an old hook.",
        discussion: """
            EXAMPLES
              certd init                show what was found and what would change, then ask
              certd init --dry-run      only show it
              certd init --yes          do not ask

            It finds certbot's lineages, what HAProxy serves them from and hooks that write that themselves. It writes the \
            configuration, installs certbot's hooks and puts old ones aside: renamed, never deleted. haproxy.cfg and \
            certbot's own files it leaves to you, and says what to write. Where something fails all is as it was before; \
            it may be run again at any time.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Do not ask.")
    var yes = false

    @Flag(help: "Say what would be changed, and change nothing.")
    var dryRun = false

    func run() async throws {
        let file = global.file
        let inventory = try await Inventory(settings: try settings(at: file), world: .live)
        let plan = try await InitPlan(for: file, inventory, .live)
        StandardOutput.write(plan.text)
        if !plan.steps.isEmpty, !dryRun {
            guard try isAgreed() else {
                StandardOutput.print("nothing was changed")
                throw ExitCode.failure
            }
            try await InitRun(steps: plan.steps, questions: .live).run()
            StandardOutput.print("done")
        }
        StandardOutput.write(plan.next(isDryRun: dryRun))
    }

    /// As any command reads it, but that the file need not be there: it is to be written.
    private func settings(at file: FilePath) throws(ConfigurationError) -> Settings {
        try Settings.load(
            file: file.string, environment: ProcessInfo.processInfo.environment
        ) { path throws(FileError) in
            guard let contents = try readFileUnlessMissing(at: path) else { return [] }
            return Array(contents.text.utf8)
        }
    }

    private func isAgreed() throws -> Bool {
        if yes { return true }
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else { throw InitError.nobodyToAsk }
        StandardOutput.write("make these changes? [y/N] ")
        return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
    }
}
