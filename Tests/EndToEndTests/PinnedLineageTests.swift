internal import FoundationEssentials
internal import SystemPackage
internal import TestSupport
internal import Testing

/// A rollback with the daemon at work, and on a disk that takes nothing.
@Suite struct PinnedLineageTests {
    private let name = "pbx.example.org"

    @Test func `the daemon carries a rollback out, leaves renewals alone and follows certbot again when told`()
        async throws
    {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name)
        let daemon = try await stage.daemon()
        try await stage.agrees(name)
        let first = try await stage.lineageLeaf(of: name)
        try await stage.renews(name, generation: 2, seenBy: daemon)

        var known = daemon.log.messages.count
        let run = try await stage.certd(["rollback", name])
        #expect(run.status == 0 && run.errors.contains("pinned"), "\(run.errors)")
        try await daemon.log.wait(for: "notice: deployed lineage=\(name)", after: known)
        try await expect(first, on: stage)

        known = daemon.log.messages.count
        try await stage.make(name, ["--generation", "3"])
        try await daemon.log.wait(for: "notice: pinned", after: known)
        try await expect(first, on: stage)
        let hook = try await requireTool("env", stage.hook(for: name))
        #expect(hook.contains("nothing to do"))
        try await expect(first, on: stage)

        let unpinned = try await stage.certd(["rollback", "--unpin", name])
        #expect(unpinned.status == 0)
        #expect(try await stage.stations(of: name).agree)
        #expect(try await daemon.stop() == 0)
    }

    @Test(
        .enabled("only root may mount a file system, and not in every container") { await MountedDirectory.isPossible })
    func `where the state directory takes nothing, there is no rollback`() async throws {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name)
        try await stage.make(name, ["--generation", "2"])
        try await stage.deploys(name)
        try await MountedDirectory.with(64 << 10, at: stage.scratch.file("state")) { disk in
            try await disk.remount("ro")
            let run = try await stage.certd(["rollback", name])
            #expect(run.status == 1 && run.errors.contains("read-only"), "\(run.errors)")
            #expect(try await stage.stations(of: name).agree)
            try await disk.remount("rw")
            #expect(try await stage.certd(["rollback", name]).status == 0)
            #expect(try await !stage.stations(of: name).agree)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a pin that nobody understands is told by the daemon, though all stations agree`() async throws {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name)
        try await stage.make(name, ["--generation", "2"])
        try await stage.deploys(name)
        #expect(try await stage.certd(["rollback", name]).status == 0)
        let unpinned = try await stage.certd(["rollback", "--unpin", name])
        #expect(unpinned.status == 0)
        let pins = stage.scratch.file("state/pins")
        let state = try await requireTool("env", ["ls", "\(stage.scratch.file("state/deployments"))"])
        let file = try #require(state.split(separator: "\n").first)
        try "half a pin".write(toFile: "\(pins)/\(file)", atomically: false, encoding: .utf8)

        let daemon = try await stage.daemon()
        try await daemon.log.wait(for: "error: not deployed lineage=\(name)", after: 0)
        #expect(try await daemon.stop() == 0)
    }

    /// The stations behind the lineage hold `leaf`.
    private func expect(
        _ leaf: SeenLeaf, on stage: Stage, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let seen = try await stage.stations(of: name)
        #expect(
            ([seen.bundle, seen.memory] + seen.wire).allSatisfy { $0 == leaf }, "\(seen)",
            sourceLocation: sourceLocation)
    }
}
