import FoundationEssentials
import SystemPackage
import TestSupport

/// The certd that was just built, run as a process of its own on lineages in a scratch directory, without HAProxy.
struct BuiltProgram: Sendable {
    let scratch: ScratchDirectory
    /// The program, in the directory that holds the tests too.
    let path: FilePath
    var letsencrypt: FilePath { scratch.file("letsencrypt") }
    var configuration: FilePath { scratch.file("certd.toml") }

    init(lineages: [(name: String, options: [String])] = []) async throws {
        scratch = try ScratchDirectory()
        path = FilePath(try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            .removingLastComponent().appending("certd")
        try FileManager.default.createDirectory(
            atPath: letsencrypt.appending("live").string, withIntermediateDirectories: true)
        try FileManager.default.createDirectory(
            atPath: scratch.file("certs").string, withIntermediateDirectories: false)
        for lineage in lineages {
            try await MadeCertificates.lineage(lineage.name, below: letsencrypt, lineage.options, now: nil)
        }
        let root = lineages.isEmpty ? "" : "[check]\ntrust = \"\(letsencrypt.appending("pki/root.pem"))\""
        try scratch.write(
            """
            [letsencrypt]
            directory = "\(letsencrypt)"
            [haproxy]
            sockets = []
            probe = []
            [bundles]
            directory = "\(scratch.file("certs"))"
            \(root)
            [paths]
            state = "\(scratch.file("state"))"
            runtime = "\(scratch.file("run"))"
            """, to: "certd.toml")
    }

    /// Runs certd with this configuration and nothing else in its environment.
    func run(_ arguments: [String], environment: [String] = []) async throws -> ToolRun {
        try await runTool(
            "env",
            ["-i", "CERTD_CONFIG=\(configuration)", "PATH=/usr/bin:/usr/sbin:/bin"] + Sanitizer.variables + environment
                + [path.string] + arguments)
    }

    /// Runs certd by the shell, for what only that can do: `"$0"` is the program.
    func shell(_ script: String) async throws -> ToolRun {
        try await runTool(
            "env",
            ["-i", "CERTD_CONFIG=\(configuration)"] + Sanitizer.variables + ["/bin/sh", "-c", script, path.string])
    }
}
