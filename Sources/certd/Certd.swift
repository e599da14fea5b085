import ArgumentParser

/// The program: one subcommand a file in Commands.
struct Certd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certd",
        abstract: "Keeps what HAProxy serves equal to what certbot renewed, and proves it.",
        discussion: """
            EXAMPLES
            \(examples)
            """,
        version: Version.current,
        subcommands: [
            Check.self, Deploy.self, Build.self, Hook.self, Run.self, Status.self, History.self, Rollback.self,
            Forget.self, Notify.self, Inspect.self, Explain.self, Init.self, Doctor.self,
        ]
    )

    private static let examples = """
          certd check                     is everything in step, and for how long?
          certd deploy pbx.example.com    bring one lineage onto the wire
        """

    /// What the commands are called; each says so itself, since deriving it from its type costs a cold start a tenth.
    static var commandNames: [String] { configuration.subcommands.map { $0._commandName } }

    /// What `certd` alone says: one look, ten lines.
    static var overview: String {
        let commands = configuration.subcommands.map { command in
            "  \(command._commandName.padding(to: 9))\(command.configuration.abstract)"
        }
        return """
            certd keeps what HAProxy serves equal to what certbot renewed, and proves it.
            \(examples)

            \(commands.joined(separator: "\n"))
            certd help COMMAND tells more.

            """
    }
}

/// What `certd --version` prints.
enum Version {
    static let current = "0.1.0"
}
