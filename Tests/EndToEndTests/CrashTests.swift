internal import FoundationEssentials
internal import SystemPackage
internal import TestSupport
internal import Testing

/// A deployment killed at any of the calls by which it changes something, and then run again.
@Suite struct CrashTests {
    private let name = "pbx.example.org"
    /// What changes files, talks with HAProxy or takes the lock.
    private let calls = "write,fsync,sendto,sendmsg,connect,flock,/^rename,/^unlink,/^mkdir,/^link"

    @Test(.timeLimit(.minutes(5)))
    func `killed at any call, nothing is torn, and the next run finishes`() async throws {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name)
        try await stage.deploys(name)

        var kills = 0
        while true {
            let old = try await stage.lineageLeaf(of: name)
            try await stage.make(name, ["--generation", "\(kills + 2)"])
            let run = try await runTool(
                "strace",
                ["-f", "-qq", "-o", "/dev/null", "-e", "inject=\(calls):signal=KILL:when=\(kills + 1)"]
                    + stage.deployment(of: name))
            if run.succeeded { break }
            kills += 1

            let new = try await stage.lineageLeaf(of: name)
            let seen = try await stage.stations(of: name)
            for leaf in [seen.bundle, seen.memory] + seen.wire {
                #expect(leaf == old || leaf == new, "killed at call \(kills)")
            }
            try await expectWholeAndClosedFiles(in: stage, "killed at call \(kills)")

            try await stage.deploys(name)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: stage.bundles.string) == ["\(name).pem"],
                "killed at call \(kills)")
        }
        #expect(kills > 10, "strace has killed the deployment at too few calls to prove anything")
    }

    /// The bundle loads as HAProxy loads it, and nobody else can read any file beside it.
    private func expectWholeAndClosedFiles(in stage: Stage, _ comment: Comment) async throws {
        let check = try await runTool("haproxy", ["-c", "-f", stage.scratch.file("haproxy.cfg").string])
        #expect(check.succeeded, comment)
        for file in try FileManager.default.contentsOfDirectory(atPath: stage.bundles.string) {
            let attributes = try FileManager.default.attributesOfItem(atPath: stage.bundles.appending(file).string)
            #expect(attributes[.posixPermissions] as? Int == 0o600, comment)
        }
    }
}
