import SystemPackage
import TestSupport
import Testing

/// A lineage that another server uses, such as a mail server: certbot's hooks run for it too.
@Suite struct OtherServersTests {
    /// Without `[bundles]`, an entry or HAProxy nothing says where the lineage's bundle would be.
    private func program() async throws -> BuiltProgram {
        let program = try await BuiltProgram(lineages: [("mail.example.org", [])])
        try program.scratch.write(
            """
            [letsencrypt]
            directory = "\(program.letsencrypt)"
            [haproxy]
            sockets = []
            [paths]
            state = "\(program.scratch.file("state"))"
            """, to: "certd.toml")
        return program
    }

    @Test(arguments: [("deploy", false), ("hook", false), ("hook", true)])
    func `a lineage without a bundle is left alone where no person named it`(command: String, isRenewed: Bool)
        async throws
    {
        let program = try await program()
        let renewed = "RENEWED_LINEAGE=\(program.letsencrypt.appending("live/mail.example.org"))"
        let run = try await program.run([command], environment: isRenewed ? [renewed] : [])
        #expect(run.succeeded, "\(run.errors)")
        #expect(run.output == "mail.example.org: left alone, no bundle belongs to it\n")
    }

    @Test(arguments: ["deploy", "hook"])
    func `while HAProxy does not answer nobody says that a lineage is somebody else's`(command: String) async throws {
        let program = try await program()
        let socket = program.scratch.file("admin.sock")
        let run = try await program.run([command], environment: ["CERTD_HAPROXY_SOCKETS=\(socket)"])
        #expect(run.status == 1)
        #expect(run.errors.contains("certd: error: mail.example.org: its bundle cannot be told while HAProxy"))
        #expect(run.errors.contains(socket.string))
        #expect(run.errors.contains("systemctl start haproxy"))
        #expect(try await program.run(["check"]).output.contains("deploy-failed"))
    }

    @Test func `a lineage without a bundle that was named is an error`() async throws {
        let run = try await program().run(["deploy", "mail.example.org"])
        #expect(!run.succeeded)
        #expect(run.errors.contains("certd: error: mail.example.org: no bundle belongs to this lineage"))
    }
}
