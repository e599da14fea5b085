internal import FoundationEssentials
internal import Glibc
internal import SystemPackage
internal import TestSupport
internal import Testing

/// Who may do what, with real users.
@Suite(.enabled(if: geteuid() == 0, "only root can be several users"))
struct RightsTests {
    @Test func `everybody reads the status, and root and certd alone have something deployed`() async throws {
        let stage = try await RightsStage()
        let daemon = try await stage.daemon()
        while try await !stage.isInStep() { await Task.yield() }
        #expect(try stage.rights(of: stage.bundle) == "\(Somebody.certdID):\(stage.haproxyGroup) 600")

        for somebody in [nil, stage.daemonUser, stage.haproxyUser, .stranger] {
            let status = try await stage.run(
                ["curl", "-sf", "--unix-socket", stage.socket.string, "http://certd/v1/status"], as: somebody)
            #expect(status.output.contains("\"state\" : \"ok\""), "\(status)")
            let run = try await stage.certd(["deploy", stage.name], as: somebody)
            if somebody == nil || somebody?.user == Somebody.certdID {
                #expect(run.status == 0 && run.output.contains("nothing to do"), "\(run)")
            } else {
                #expect(run.status == 1 && run.output.isEmpty)
                #expect(run.errors.hasPrefix("certd: error: user \(somebody?.user ?? 0) may not have"), "\(run)")
                #expect(run.errors.contains("certd: hint: run it as root: sudo certd deploy"))
            }
        }
        try await daemon.stop()
    }

    @Test func `a hook of root's is carried out by the daemon, whose file it stays`() async throws {
        let stage = try await RightsStage()
        let daemon = try await stage.daemon()
        try await stage.renew(2)
        let run = try await stage.run([
            "RENEWED_LINEAGE=\(stage.letsencrypt)/live/\(stage.name)", stage.certd.string, "hook", "--config",
            stage.scratch.file("certd.toml").string,
        ])
        #expect(run.status == 0, "\(run)")
        #expect(run.output.contains(": deployed ") || run.output.contains("nothing to do"))
        #expect(try stage.rights(of: stage.bundle) == "\(Somebody.certdID):\(stage.haproxyGroup) 600")
        #expect(try await stage.isInStep())
        try await daemon.stop()
    }

    @Test func `nobody else reads a key, whether bundle, archive or state`() async throws {
        let stage = try await RightsStage()
        try #require(try await stage.certd(["deploy"]).succeeded)
        let keys = [stage.bundle, stage.letsencrypt.appending("archive/\(stage.name)/privkey1.pem")]
        for somebody in [stage.haproxyUser, .stranger] {
            for key in keys {
                #expect(try await !stage.run(["cat", key.string], as: somebody).succeeded, "\(somebody) \(key)")
            }
        }
        // The rest of the state directory is open: it holds no keys.
        #expect(try await !stage.run(["cat", stage.scratch.file("run/requests/x").string], as: .stranger).succeeded)
    }

    @Test func `root and the daemon's user take turns without locking each other out`() async throws {
        let stage = try await RightsStage()
        let owner = "\(Somebody.certdID):\(stage.haproxyGroup)"
        // Refused by a guard, so that it is remembered.
        try await stage.renew(2, ["--not-before=+5d", "--not-after=+90d"])
        let refused = try await stage.certd(["deploy"])
        #expect(refused.status == 1, "\(refused)")
        #expect(try stage.rights(of: stage.scratch.file("state/failures")).hasPrefix("\(owner) "))
        try await stage.renew(3)
        for generation in 4...6 {
            let somebody = generation == 5 ? nil : stage.daemonUser
            let run = try await stage.certd(["deploy"], as: somebody)
            #expect(run.status == 0 && run.output.contains(": deployed "), "\(generation): \(run)")
            #expect(try stage.rights(of: stage.bundle) == "\(Somebody.certdID):\(stage.haproxyGroup) 600")
            try await stage.renew(generation)
        }
        for file in try await requireTool("find", [stage.scratch.file("state").string]).split(separator: "\n") {
            #expect(try stage.rights(of: FilePath(String(file))).hasPrefix("\(owner) "), "\(file)")
        }
    }

    @Test func `the guide's file in root's directory is deployed by way of root`() async throws {
        let stage = try await RightsStage(inRootsDirectory: true)
        let daemon = try await stage.daemon()
        let requests = stage.scratch.file("run/requests")
        // In the place of certd-deploy.path, which systemd watches for.
        while try !FileManager.default.fileExists(atPath: requests.string)
            || FileManager.default.contentsOfDirectory(atPath: requests.string).allSatisfy({ $0.hasPrefix(".") })
        {
            await Task.yield()
        }
        #expect(try stage.rights(of: requests) == "\(Somebody.certdID):\(stage.haproxyGroup) 700")
        let run = try await stage.certd(["deploy", "--requested"])
        #expect(run.status == 0 && run.output.contains(": deployed "), "\(run)")
        #expect(try stage.rights(of: stage.bundle) == "0:0 600")
        #expect(try stage.rights(of: stage.bundle.removingLastComponent()) == "0:0 755")
        #expect(try FileManager.default.contentsOfDirectory(atPath: requests.string) == [])
        while try await !stage.isInStep() { await Task.yield() }
        // Root's own hook needs no way round.
        try await stage.renew(2)
        let hook = try await stage.certd(["hook"])
        #expect(hook.status == 0, "\(hook)")
        #expect(try await stage.isInStep())
        try await daemon.stop()
    }

    @Test func `links that the daemon's user plants lead root nowhere`() async throws {
        let stage = try await RightsStage()
        let elsewhere = stage.scratch.file("elsewhere")
        try FileManager.default.createDirectory(atPath: elsewhere.string, withIntermediateDirectories: false)
        try stage.scratch.write("[]", to: "elsewhere/precious")
        let state = stage.scratch.file("state")
        for (link, target) in [
            (state.appending("failures"), elsewhere.string), (state.appending("intents.json"), "\(elsewhere)/precious"),
            (stage.scratch.file("run/requests"), elsewhere.string),
        ] {
            try #require(try await stage.run(["ln", "-s", target, link.string], as: stage.daemonUser).succeeded)
        }
        // One that fails, to be remembered in the planted directory; one that is noted; one that is asked for.
        try await stage.renew(2, ["--not-before=+5d", "--not-after=+90d"])
        #expect(try await stage.certd(["deploy"]).status == 1)
        try await stage.renew(3)
        _ = try await stage.certd(["deploy"])
        let requested = try await stage.certd(["deploy", "--requested"])
        #expect(requested.status == 1 && requested.errors.contains("a symbolic link of user \(Somebody.certdID)"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere.string) == ["precious"])
        #expect(try stage.scratch.read("elsewhere/precious") == "[]")
        // The lock's name too.
        try remove(state.appending("lock"))
        try #require(
            try await stage.run(
                ["ln", "-s", "\(elsewhere)/lock", state.appending("lock").string], as: stage.daemonUser
            )
            .succeeded)
        let locked = try await stage.certd(["deploy"])
        #expect(locked.status == 1 && locked.errors.contains("lock"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere.string) == ["precious"])
    }

    @Test func `a socket of HAProxy's that does not let the group in names the line that does`() async throws {
        let stage = try await RightsStage()
        try await stage.renew(2)
        let outsider = Somebody(user: Somebody.certdID, groups: [Somebody.certdID], capabilities: "dac_read_search")
        let run = try await stage.certd(["deploy"], as: outsider)
        #expect(run.status == 1, "\(run)")
        #expect(
            run.errors.contains("stats socket \(stage.scratch.file("group.sock")) mode 660 group haproxy level admin"))
    }
}
