internal import FoundationEssentials
internal import SystemPackage
internal import TestSupport
internal import Testing

/// What happens to a lineage besides being renewed.
@Suite(.timeLimit(.minutes(2))) struct LineageEdgeTests {
    private let name = "pbx.example.org"

    @Test func `a lineage that was renamed goes on under its new name, and the old bundle is told`() async throws {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name)
        try await stage.deploys(name)

        // As an administrator does it, who knows what belongs to a lineage.
        let renamed = "phones.example.org"
        try await requireTool(
            "sh",
            [
                "-c",
                """
                cd "$1" && mv live/$2 live/$3 && mv archive/$2 archive/$3 &&
                sed "s/$2/$3/g" renewal/$2.conf >renewal/$3.conf && rm renewal/$2.conf && cd live/$3 &&
                for kind in cert privkey chain fullchain; do
                    ln -sfn ../../archive/$3/${kind}1.pem $kind.pem
                done
                """, "sh", stage.letsencrypt.string, name, renamed,
            ])

        let checked = try await stage.certd(["check", "-o", "json"])
        #expect(checked.output.contains("\"lineage-removed\""), "\(checked.output)")
        let entry = "\n[[bundle]]\nlineage = \"\(renamed)\"\npath = \"\(stage.bundle(of: name))\"\n"
        try stage.scratch.write(try stage.scratch.read("certd.toml") + entry, to: "certd.toml")
        let deployed = try await stage.certd(["deploy"])
        #expect(deployed.status == 0, "\(deployed.errors)")
        let after = try await stage.certd(["check"])
        #expect(after.status == 0, "\(after.output)\(after.errors)")
    }

    @Test func `a second HAProxy that answers with the old certificate is found out`() async throws {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name)
        try await stage.deploys(name)
        // A copy that somebody started by hand: it shares the port, and certd's configuration does not know its socket.
        let scratch = try ScratchDirectory()
        try await requireTool("cp", [stage.bundle(of: name).string, scratch.file("old.pem").string])
        let second = try await RunningHAProxy.start(
            """
            listen https
                bind \(stage.address):8443 ssl crt \(scratch.file("old.pem"))
                server web \(stage.address):8080

            """, in: scratch)
        try await stage.make(name, ["--generation", "2"])

        // The kernel chooses one of the two for each connection.
        var told = ""
        for _ in 0..<40 where !told.contains("ss -tlnp") {
            told += try await stage.certd(["deploy"]).errors
            told += try await stage.certd(["check"]).output
        }

        #expect(told.contains("ss -tlnp"), "\(told)")
        try await second.stop()
        #expect(try await stage.certd(["deploy"]).status == 0)
        #expect(try await stage.certd(["check"]).status == 0)
    }
}
