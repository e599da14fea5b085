internal import FoundationEssentials
internal import Glibc
internal import SystemPackage
internal import TestSupport
internal import Testing

/// A HAProxy that sees its certificates elsewhere than this host does, as in a container: in a mount namespace of its own.
@Suite(.timeLimit(.minutes(2)), .enabled("a mount namespace needs root") { geteuid() == 0 })
struct ContainerTests {
    private let name = "pbx.example.org"

    @Test(arguments: [
        "[bundles]\ndirectory = \"CERTS\"", "",
        "[[bundle]]\nlineage = \"pbx.example.org\"\npath = \"CERTS/pbx.example.org.pem\"",
    ])
    func `a renewal is served, wherever HAProxy says that the bundle is`(bundles: String) async throws {
        let scratch = try ScratchDirectory()
        let letsencrypt = scratch.file("letsencrypt")
        let (certs, inside) = (scratch.file("certs"), scratch.file("inside"))
        for directory in [certs, inside] {
            try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: false)
        }
        try await MadeCertificates.lineage(name, below: letsencrypt, [], now: nil)
        let live = "\(letsencrypt)/live/\(name)"
        try await requireTool(
            "sh", ["-c", "cat \(live)/fullchain.pem \(live)/privkey.pem >\(certs)/\(name).pem"])
        let address = RunningHAProxy.unusedAddress()
        let mount = "mount --bind \"$0\" \"$1\" && shift && exec \"$@\""
        let haproxy = try await RunningHAProxy.start(
            """
            listen https
                bind \(address) ssl crt \(inside)/\(name).pem
                server web 127.0.0.1:9

            """,
            in: scratch,
            launcher: [
                "unshare", "--mount", "--propagation", "private", "sh", "-c", mount, certs.string, inside.string,
            ])
        try scratch.write(
            """
            \(bundles.replacing("CERTS", with: certs.string))
            [letsencrypt]
            directory = "\(letsencrypt)"
            [haproxy]
            configuration = "\(scratch.file("haproxy.cfg"))"
            path-map = ["\(certs):\(inside)"]
            [check]
            trust = "\(letsencrypt.appending("pki/root.pem"))"
            [paths]
            state = "\(scratch.file("state"))"
            runtime = "\(scratch.file("run"))"
            """, to: "certd.toml")
        try await MadeCertificates.lineage(name, below: letsencrypt, ["--generation", "2"], now: nil)
        let certd = FilePath(try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            .removingLastComponent().appending("certd").string
        let options = ["--config", scratch.file("certd.toml").string]

        let deployed = try await runTool(certd, ["deploy"] + options)
        #expect(deployed.status == 0, "\(deployed.errors)")
        let checked = try await runTool(certd, ["check"] + options)
        #expect(checked.status == 0, "\(checked.output)\(checked.errors)")
        let shown = try await askHAProxy(at: haproxy.socket, "show ssl cert \(inside)/\(name).pem")
        let leaf = try await requireTool("openssl", ["x509", "-in", "\(live)/cert.pem", "-noout", "-serial"])
        let serial = try #require(leaf.split(whereSeparator: { $0 == "=" || $0.isNewline }).last)
        #expect(shown.contains("Serial: \(serial)"), "\(shown)")
    }
}
