import CertKit
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite struct OutputDirectoryTests {
    let scratch: ScratchDirectory
    static let new = SecretBytes(copying: Array("new bundle\n".utf8).span)
    static let isRoot = geteuid() == 0
    /// A user and group that is neither root nor the caller.
    static let stranger: UInt32 = 4242

    init() throws { scratch = try ScratchDirectory() }

    @Test(arguments: [mode_t(0o1777), 0o777, 0o702])
    func `a directory that everybody may write is refused, sticky or not`(mode: mode_t) throws {
        let directory = try scratch.makeDirectory("certs", mode: mode)
        #expect(throws: WriteError.directoryUnsafe(path: directory, .everybody)) {
            try StagedFile(replacing: directory.appending("site.pem"), with: Self.new).discard()
        }
        #expect(try DirectoryHandle(opening: directory).names() == [])
    }

    @Test(
        .enabled(if: isRoot, "only root can give a directory to a group"),
        arguments: [(UInt32(0), true), (4242, false)])
    func `a directory that a group may write is refused unless it is root's`(group: UInt32, accepted: Bool) throws {
        let directory = try scratch.makeDirectory("certs", mode: 0o770)
        try scratch.give("certs", to: 0, group)
        let site = directory.appending("site.pem")
        if accepted {
            try StagedFile(replacing: site, with: Self.new).install()
        } else {
            #expect(throws: WriteError.directoryUnsafe(path: directory, .group(group))) {
                try StagedFile(replacing: site, with: Self.new).discard()
            }
        }
        #expect(try DirectoryHandle(opening: directory).names() == (accepted ? ["site.pem"] : []))
    }

    @Test(.enabled(if: isRoot, "only root can give a directory away"))
    func `a directory of another user is refused unless that user is trusted`() throws {
        let directory = try scratch.makeDirectory("certs")
        try scratch.give("certs", to: Self.stranger, 0)
        let site = directory.appending("site.pem")
        let error = #expect(throws: WriteError.self) { try StagedFile(replacing: site, with: Self.new).discard() }
        #expect(error == .directoryUnsafe(path: directory, .owner(Self.stranger)))
        #expect(error?.remedy.contains("chmod go-w \(directory)") == true)
        try StagedFile(replacing: site, with: Self.new, trusting: [Self.stranger]).install()
    }

    @Test(.enabled(if: isRoot, "only root can give files away"))
    func `a bundle has its owner and group before its first byte`() throws {
        let staged = try StagedFile(
            replacing: scratch.file("site.pem"), with: Self.new, owner: Self.stranger, group: 4243)
        let beside = try #require(try DirectoryHandle(opening: scratch.path).names().first)
        let stat = try scratch.stat(beside)
        #expect((stat.userID.rawValue, stat.groupID.rawValue) == (Self.stranger, 4243))
        #expect(stat.permissions == .ownerReadWrite)
        staged.discard()
    }

    @Test(.enabled(if: isRoot, "only root can stop being root"))
    func `giving a bundle away needs root and says so`() async {
        await #expect(processExitsWith: .success) {
            try #require(setuid(65534) == 0)
            let scratch = try ScratchDirectory()
            let error = #expect(throws: WriteError.self) {
                let bytes = SecretBytes(copying: Array("new".utf8).span)
                try StagedFile(replacing: scratch.file("site.pem"), with: bytes, owner: 0).discard()
            }
            #expect(error == .failed(.setOwner, path: scratch.file("site.pem"), .notPermitted))
            #expect(error?.remedy.contains("only root gives files away") == true)
            #expect(try DirectoryHandle(opening: scratch.path).names() == [])
        }
    }

    @Test(
        .enabled(if: isRoot, "only root can mount"),
        arguments: [
            ("size=64k", Errno.noSpace, WriteStep.write), ("size=64k,nr_inodes=2", .noSpace, .create),
            ("size=64k,ro", .readOnlyFileSystem, .create),
        ])
    func `a full or read-only disk keeps the old bundle`(options: String, errno: Errno, step: WriteStep) async throws {
        let directory = try scratch.makeDirectory("small")
        try await requireTool("mount", ["-t", "tmpfs", "-o", "mode=755,\(options)", "tmpfs", directory.string])
        let site = directory.appending("site.pem")
        if step == .write {
            try scratch.write("old bundle\n", to: "small/site.pem")
        } else if errno == .noSpace {
            try scratch.write("", to: "small/site.pem")
        }
        let before = try DirectoryHandle(opening: directory).names()
        let error = #expect(throws: WriteError.self) {
            let large = SecretBytes(copying: [UInt8](repeating: 0x41, count: 100_000).span)
            try StagedFile(replacing: site, with: large).discard()
        }
        #expect(error == .failed(step, path: site, errno))
        #expect(try DirectoryHandle(opening: directory).names() == before)
        if step == .write { #expect(try scratch.read("small/site.pem") == "old bundle\n") }
        try await requireTool("umount", [directory.string])
    }

    @Test(arguments: [("root", UInt32(0)), ("daemon", 1), ("12345", 12345)])
    func `users and groups are known by name or number`(name: String, id: UInt32) throws {
        #expect(try userID(named: name) == id)
        #expect(try groupID(named: name) == id)
    }

    @Test func `a user or group that does not exist is named`() {
        #expect(throws: WriteError.unknownUser("no-such-user")) { try userID(named: "no-such-user") }
        #expect(throws: WriteError.unknownGroup("no-such-group")) { try groupID(named: "no-such-group") }
    }

    @Test func `who else may write a directory is told of its path`() throws {
        try scratch.makeDirectory("open", mode: 0o777)
        try scratch.makeDirectory("closed", mode: 0o755)
        #expect(try UnsafeDirectory(at: scratch.file("open"), trusting: [geteuid()]) == .everybody)
        #expect(try UnsafeDirectory(at: scratch.file("closed"), trusting: [geteuid()]) == nil)
        #expect(throws: FileError.missing(path: scratch.file("missing"))) {
            try UnsafeDirectory(at: scratch.file("missing"), trusting: [])
        }
    }

    @Test func `names that are no text are entries as they are, and no names`() throws {
        let name = FilePath(platformString: [CChar(bitPattern: 0xff), 0])
        try FileDescriptor.open(
            scratch.path.appending([name].flatMap(\.components)), .writeOnly, options: .create,
            permissions: .ownerReadWrite
        ).close()
        try scratch.write("", to: "text")
        let directory = try DirectoryHandle(opening: scratch.path)
        #expect(try Set(directory.entries()) == [name, "text"])
        #expect(try directory.names() == ["text"])
    }
}
