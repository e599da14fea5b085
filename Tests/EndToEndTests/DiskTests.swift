internal import SystemPackage
internal import TestSupport
internal import Testing

/// A file system that really takes nothing more.
@Suite struct DiskTests {
    private let name = "pbx.example.org"

    /// What is wrong with the file system of the bundles.
    enum Trouble: CaseIterable {
        case full, readOnly
    }

    @Test(
        .enabled("only root may mount a file system, and not in every container") { await MountedDirectory.isPossible },
        arguments: Trouble.allCases)
    func `what the disk does not take is not served either, until it does`(trouble: Trouble) async throws {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name)
        try await stage.deploys(name)
        let bundle = try text(of: stage.bundle(of: name))
        try await MountedDirectory.with(64 << 10, at: stage.bundles) { disk in
            try stage.scratch.write(bundle, to: "certs/\(name).pem")
            try await stage.make(name, ["--generation", "2"])

            let words: [String]
            switch trouble {
            case .full:
                try await disk.fill("filler")
                words = ["no space left", stage.bundle(of: name).string, "df -h \(stage.bundles)"]
            case .readOnly:
                try await disk.remount("ro")
                words = ["read-only", stage.bundle(of: name).string, "findmnt -T \(stage.bundles)"]
            }
            let run = try await stage.refuses(name, leaving: stage.snapshot(of: name))
            for word in words { #expect(run.errors.contains(word), "\(run.errors)") }

            switch trouble {
            case .full: try remove(stage.bundles.appending("filler"))
            case .readOnly: try await disk.remount("rw")
            }
            try await stage.deploys(name)
        }
    }
}

/// A small file system in memory over a directory.
struct MountedDirectory {
    let path: FilePath

    /// Whether this process may mount.
    static var isPossible: Bool {
        get async {
            guard let scratch = try? ScratchDirectory() else { return false }
            return (try? await with(4096, at: scratch.path) { _ in }) != nil
        }
    }

    /// Mounts one of `size` bytes at `path` while `body` runs.
    static func with(_ size: Int, at path: FilePath, body: (MountedDirectory) async throws -> Void) async throws {
        try await requireTool("mount", ["-t", "tmpfs", "-o", "size=\(size),mode=700", "certd-test", path.string])
        let result: Result<Void, any Error>
        do { result = .success(try await body(MountedDirectory(path: path))) } catch { result = .failure(error) }
        try await requireTool("umount", [path.string])
        try result.get()
    }

    /// Takes all room that is left.
    func fill(_ name: String) async throws {
        let run = try await runTool("dd", ["if=/dev/zero", "of=\(path.appending(name))", "bs=4096"])
        try #require(!run.succeeded)
    }

    /// Mounts it again with an option, `ro` or `rw`.
    func remount(_ option: String) async throws {
        try await requireTool("mount", ["-o", "remount,\(option)", path.string])
    }
}
