import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// A monitoring user who may not read the keys, with the daemon's socket and without.
@Suite struct SecondSightTests {
    /// Lets everybody in, but not to the keys.
    private func letIn(_ program: BuiltProgram) async throws {
        try await requireTool("chmod", ["0755", program.scratch.path.string, program.configuration.string])
        try await requireTool("chmod", ["0700", program.letsencrypt.appending("archive").string])
        try await requireTool("install", ["-m", "0755", program.path.string, program.scratch.file("certd").string])
    }

    /// What `certd` says to nobody, with the lineages' keys out of reach.
    private func asNobody(_ program: BuiltProgram, _ arguments: [String]) async throws -> ToolRun {
        try await letIn(program)
        return try await runTool(
            "setpriv",
            [
                "--reuid", "65534", "--regid", "65534", "--clear-groups", "env", "-i", Sanitizer.withoutLeaks,
                "CERTD_CONFIG=\(program.configuration)", program.scratch.file("certd").string,
            ] + arguments)
    }

    @Test(.enabled(if: geteuid() == 0))
    func `the daemon's dates are judged by the caller's thresholds, hosts and groups`() async throws {
        let program = try await BuiltProgram(lineages: [
            ("a.example.org", ["--not-after=+80d"]), ("b.example.org", ["--case", "root-in-chain"]),
        ])
        _ = try await program.run(["build", "--force"])
        let socket = try await RunningSocket(program)
        for (arguments, status, says) in [
            ([], 1, "root-in-chain"), (["a.example.org"], 0, "ok"), (["a.example.org", "-w", "90d"], 1, "expiring"),
            (["a.example.org", "-w", "99d", "-c", "90d"], 2, "expiring"),
            (["-H", "a.example.org", "a.example.org"], 0, "ok"),
            (["-H", "sip.example.org", "a.example.org"], 2, "name-mismatch"),
            (["--only", "time"], 0, "ok"), (["-o", "nagios"], 1, "CERTD WARNING: 1 of 2 lineages"),
            (["--json"], 1, #""source" : "daemon""#),
            (["--trust", "\(program.letsencrypt)/pki/root.pem"], 3, "--trust"),
            (["-o", "prometheus", "a.example.org"], 0, "certd_check_state{lineage=\"a.example.org\"} 0"),
        ] as [([String], Int32, String)] {
            let run = try await asNobody(program, ["check"] + arguments)
            #expect(run.status == status && run.output.contains(says) && run.errors.isEmpty, "\(arguments): \(run)")
        }
        let table = try await asNobody(program, ["check"])
        #expect(table.output.hasSuffix("\nseen by the daemon\n"))
        let unknown = try await asNobody(program, ["check", "c.example.org"])
        #expect(unknown.status == 3 && unknown.errors.contains("no lineage is called c.example.org"))
        #expect(try await asNobody(program, ["status"]).output.contains("\n  bundle   in-sync "))
        try await socket.stop()

        let alone = try await asNobody(program, ["check"])
        #expect(alone.status == 3 && alone.errors.isEmpty)
        #expect(alone.output.contains("and no daemon answers at \(socket.path)"))
        #expect(alone.output.contains("fix: have it look: systemctl start certd; or run it as root: sudo certd check"))
    }

    @Test(.enabled(if: geteuid() == 0))
    func `a daemon of a stranger is not believed`() async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", [])])
        let settings = try program.settings()
        try FileManager.default.createDirectory(atPath: settings.runtime.string, withIntermediateDirectories: false)
        try await requireTool("chmod", ["0777", settings.runtime.string])
        let path = DaemonSocket.path(in: settings.runtime).string
        // A stranger who listens there, and answers that all is well.
        let script = """
            import os, socket, sys
            os.setuid(65533)
            server = socket.socket(socket.AF_UNIX)
            server.bind(sys.argv[1]); os.chmod(sys.argv[1], 0o666); server.listen()
            os.write(1, b"x"); os.close(1)
            client = server.accept()[0]; client.recv(4096)
            """
        let run = try await asNobodyBeside(program, script, path)
        #expect(run.status == 3 && run.output.contains("user 65533 listens there, who is not certd"), "\(run)")
    }

    /// The same while `script` runs in Python.
    private func asNobodyBeside(_ program: BuiltProgram, _ script: String, _ path: String) async throws -> ToolRun {
        try await letIn(program)
        try program.scratch.write(script, to: "stranger.py")
        return try await runTool(
            "/bin/sh",
            [
                "-c",
                """
                mkfifo "$1/ready"
                python3 "$1/stranger.py" "$2" > "$1/ready" &
                read -r _ < "$1/ready"
                env -i \(Sanitizer.withoutLeaks) CERTD_CONFIG="$1/certd.toml" \\
                    setpriv --reuid 65534 --regid 65534 --clear-groups "$1/certd" check
                status=$?
                kill $! 2>/dev/null
                exit $status
                """, "sh", program.scratch.path.string, path,
            ])
    }
}
