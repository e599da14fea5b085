import ArgumentParser
import CertKit
import FoundationEssentials
import SystemPackage

/// `certd notify`: for whom no monitoring looks.
struct Notify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notify",
        abstract: "Tells a command of yours what check finds, when it changes.",
        discussion: """
            EXAMPLES
              certd notify --dry-run                          what it would be told now
              systemctl enable --now certd-notify.timer       every quarter of an hour

            Runs the command of [notify] in certd.toml, without a shell and at most for a minute, with one JSON document on its \
            standard input: findings that are new, worse (new), less bad (eased), gone (cleared), and once a day those that \
            are still there. It does nothing where no command is named. What could not be told is told the next time.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Print what would be told, and tell nobody.")
    var dryRun = false

    func run() async throws {
        let settings = try global.settings()
        // No error: the timer runs whether there is somebody to tell or not.
        guard dryRun || !settings.notification.isEmpty else {
            return StandardOutput.print("nobody is told: certd.toml names no command in [notify]")
        }
        let document = try await StatusSight(settings: settings).document(of: [])
        let notifier = Notifier(settings: settings, host: ProcessInfo.processInfo.hostName, now: World.live.now())
        if dryRun { return StandardOutput.write(try notifier.news(in: document)?.notification.json() ?? "") }
        let count = try await notifier.tell(of: document)
        StandardOutput.print(count == 0 ? "nothing new to tell" : "told of \(count) findings")
    }
}
