import ArgumentParser

/// The program: one subcommand a file in Commands.
@main
struct Certd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certd",
        abstract: "Keeps what HAProxy serves equal to what certbot renewed, and proves it."
    )
}
