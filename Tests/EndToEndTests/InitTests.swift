internal import FoundationEssentials
internal import SystemPackage
internal import TestSupport
internal import Testing

/// A host that lived by the old hook is set up for certd, with real HAProxy and certbot.
@Suite struct InitTests {
    private let name = "pbx.example.org"

    /// HAProxy serves what the old hook wrote, open to everybody, and certd's configuration knows no bundle.
    private func hostWithOldHook() async throws -> Stage {
        let stage = try await Stage(lineages: [name])
        let configuration = try stage.scratch.read("certd.toml")
        try stage.scratch.write(
            configuration.replacing("[bundles]\ndirectory = \"\(stage.bundles)\"\n", with: ""), to: "certd.toml")
        return stage
    }

    private func installOldHook(on stage: Stage) throws -> FilePath {
        try FileManager.default.createDirectory(
            atPath: stage.letsencrypt.appending("renewal-hooks/deploy").string, withIntermediateDirectories: true)
        return try stage.scratch.write(
            """
            #!/bin/sh
            umask 022
            cat "$RENEWED_LINEAGE/fullchain.pem" "$RENEWED_LINEAGE/privkey.pem" >\(stage.bundle(of: name))
            echo done >\(stage.scratch.file("old-hook-ran"))
            [ ! -d /run/systemd/system ] || systemctl reload haproxy
            """, to: "letsencrypt/renewal-hooks/deploy/haproxy.sh", mode: .ownerReadWriteExecute)
    }

    @Test func `a host that lived by the old hook is set up, and certd does the next renewal`() async throws {
        let stage = try await hostWithOldHook()
        let certbot = try await stage.certbot()
        try await certbot.issue([name])
        let old = try installOldHook(on: stage)

        let dry = try await stage.certd(["init", "--dry-run"])
        #expect(dry.status == 0 && dry.output.contains("put \(old) aside"), "\(dry.output)\(dry.errors)")
        #expect(try stage.scratch.read("certd.toml").contains("[[bundle]]") == false)
        let set = try await stage.certd(["init", "--yes"])
        #expect(set.status == 0, "\(set.output)\(set.errors)")
        #expect(try stage.scratch.read("certd.toml").contains("path = \"\(stage.bundle(of: name))\""))
        #expect((try? old.stat()) == nil)
        #expect(try text(of: FilePath("\(old)~")).contains("cat \"$RENEWED_LINEAGE"))
        let again = try await stage.certd(["init", "--yes"])
        #expect(again.status == 0 && again.output.contains("nothing to change"), "\(again.output)")

        let worker = try await stage.workerPID()
        try await certbot.renew()

        #expect(try await stage.stations(of: name).agree)
        #expect(try await stage.workerPID() == worker)
        #expect((try? stage.scratch.file("old-hook-ran").stat()) == nil, "certbot has run the old hook too")
        #expect(try stage.attributes(of: name).mode == 0o600)
    }

    @Test func `without a terminal nothing is changed unless somebody said yes beforehand`() async throws {
        let stage = try await hostWithOldHook()
        try await stage.make(name)
        let old = try installOldHook(on: stage)
        let before = try await stage.contents()

        let run = try await stage.certd(["init"])
        #expect(run.status == 2)
        #expect(run.output.contains("put \(old) aside"))
        #expect(run.errors.contains("certd: hint: say yes beforehand: certd init --yes"), "\(run.errors)")
        #expect(try await stage.contents() == before)
    }

    @Test(arguments: [("y", true), ("yes", true), ("n", false), ("", false)])
    func `on a terminal it asks, and only a yes is one`(answer: String, isMade: Bool) async throws {
        let stage = try await hostWithOldHook()
        try await stage.make(name)
        let old = try installOldHook(on: stage)
        let command = "\(stage.certd) init --config \(stage.scratch.file("certd.toml"))"

        let run = try await runTool("script", ["-qec", command, "/dev/null"], input: "\(answer)\n")

        #expect(run.output.contains("make these changes? [y/N]"), "\(run.output)")
        #expect(run.status == (isMade ? 0 : 1))
        #expect(((try? old.stat()) == nil) == isMade)
        #expect(try stage.scratch.read("certd.toml").contains("[[bundle]]") == isMade)
    }

    @Test func `a step that fails leaves everything as it was`() async throws {
        let stage = try await hostWithOldHook()
        try await stage.make(name)
        _ = try installOldHook(on: stage)
        // Where the directory of certd's post hook would be; the configuration and the deploy hook are written before.
        try stage.scratch.write("", to: "letsencrypt/renewal-hooks/post")
        let before = try await stage.contents()

        let run = try await stage.certd(["init", "--yes"])

        #expect(run.status == 1, "\(run.output)")
        #expect(run.errors.contains("certd: error: ") && run.errors.contains("certd: hint: "), "\(run.errors)")
        #expect(try await stage.contents() == before)
    }

    @Test func `what only the operator can change is told with the command`() async throws {
        let stage = try await hostWithOldHook()
        let certbot = try await stage.certbot()
        let old = try stage.scratch.write(
            "cat $RENEWED_LINEAGE/fullchain.pem $RENEWED_LINEAGE/privkey.pem >\(stage.bundle(of: name))\n",
            to: "old-hook", mode: .ownerReadWriteExecute)
        try await certbot.issue([name], ["--deploy-hook", old.string])
        try stage.edit("sockets = [\"\(stage.haproxy.socket)\"]\n", to: "")
        try stage.scratch.write(
            stage.scratch.read("haproxy.cfg").replacing("level admin", with: "level operator"), to: "haproxy.cfg")

        let run = try await stage.certd(["init", "--yes"])

        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("stats socket \(stage.haproxy.socket) mode 660 group haproxy level admin"))
        let renewal = stage.letsencrypt.appending("renewal/\(name).conf")
        #expect(run.output.contains("\(renewal), renew_hook writes \(stage.bundle(of: name))"), "\(run.output)")
        #expect(run.output.contains("certbot reconfigure --cert-name \(name)") || run.output.contains("sed -i"))
        #expect(try text(of: renewal).contains(old.string), "certbot's file is certbot's")
    }
}

extension Stage {
    /// Every file of the stage with owner, mode and content, but for HAProxy's sockets and certd's lock.
    fileprivate func contents() async throws -> String {
        let files = try await requireTool(
            "find",
            [scratch.path.string, "-not", "-name", "*.log", "-not", "-type", "s", "-printf", "%p %u %m %y %l\n"])
        let sums = try await requireTool(
            "find",
            [
                letsencrypt.string, scratch.file("certd.toml").string, bundles.string, "-type", "f", "-exec", "md5sum",
                "{}", "+",
            ])
        return (files + sums).split(separator: "\n").sorted().joined(separator: "\n")
    }
}
