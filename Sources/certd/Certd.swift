import ArgumentParser

/// The program: one subcommand a file in Commands.
struct Certd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certd",
        abstract: "Keeps what HAProxy serves equal to what certbot renewed, and proves it.",
        discussion: """
            EXAMPLES
              certd check                    is everything in step, and for how long?
              certd deploy pbx.example.com   bring one lineage onto the wire
            """,
        version: Version.current,
        subcommands: [Build.self, Deploy.self, Hook.self, Check.self]
    )
}

/// What `certd --version` prints.
enum Version {
    static let current = "0.1.0"
}
