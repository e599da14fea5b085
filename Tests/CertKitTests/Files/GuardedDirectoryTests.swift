import CertKit
import Glibc
import SystemPackage
import TestSupport
import Testing

/// Ways to a directory in which somebody who is neither root nor the caller has put something.
@Suite struct GuardedDirectoryTests {
    let scratch: ScratchDirectory
    private static let isRoot = geteuid() == 0
    private static let stranger: UInt32 = 4242

    init() throws { scratch = try ScratchDirectory() }

    /// A link as a user would make it.
    private func link(_ name: String, to target: String, of owner: UInt32) throws {
        let path = scratch.file(name).string
        try #require(unsafe symlink(target, path) == 0 && lchown(path, owner, owner) == 0)
    }

    @Test(arguments: ["certs", "certs/.", "certs/inner/..", "link", "link/inner/..", "chain", "absolute"])
    func `the caller's own links are followed, whatever they lead through`(path: String) throws {
        let directory = try scratch.makeDirectory("certs")
        try scratch.makeDirectory("certs/inner")
        try link("link", to: "certs", of: geteuid())
        try link("chain", to: "./link/../link", of: geteuid())
        try link("absolute", to: directory.string, of: geteuid())
        let found = try DirectoryHandle(guarding: scratch.path.appending(path)).identity()
        #expect(found == (try DirectoryHandle(opening: directory).identity()))
    }

    @Test(.enabled(if: isRoot, "only root can give links away"), arguments: ["link", "link/inner", "chain", "own"])
    func `a link that another user made is not followed`(path: String) throws {
        try scratch.makeDirectory("certs")
        try scratch.makeDirectory("certs/inner")
        try link("link", to: "certs", of: Self.stranger)
        try link("chain", to: "link", of: geteuid())
        try link("own", to: scratch.file("link").string, of: geteuid())
        let asked = scratch.path.appending(path)
        #expect(throws: FileError.foreignLink(path: asked, owner: Self.stranger)) {
            _ = try DirectoryHandle(guarding: asked).names()
        }
    }

    @Test(.enabled(if: isRoot, "only root can give links away"))
    func `nothing is written or removed where another user's link leads`() throws {
        try scratch.makeDirectory("elsewhere")
        try scratch.write("left by nobody", to: "elsewhere/.site.pem.certd-new-1")
        try link("certs", to: "elsewhere", of: Self.stranger)
        let site = scratch.file("certs/site.pem")
        let refused = WriteError.directory(.foreignLink(path: scratch.file("certs"), owner: Self.stranger))
        #expect(throws: refused) {
            try StagedFile(replacing: site, with: OutputDirectoryTests.new, trusting: [Self.stranger]).discard()
        }
        #expect(throws: refused) { try StagedFile.removeLeftovers(beside: site) }
        #expect(try DirectoryHandle(opening: scratch.file("elsewhere")).names() == [".site.pem.certd-new-1"])
    }

    @Test(arguments: [("circle", Errno.tooManySymbolicLinkLevels), ("file", .notDirectory), ("file/x", .notDirectory)])
    func `a way that leads to no directory is an error of its own`(path: String, errno: Errno) throws {
        try link("circle", to: "circle", of: geteuid())
        try scratch.write("", to: "file")
        let asked = scratch.path.appending(path)
        #expect(throws: FileError.unreadable(path: asked, errno)) { _ = try DirectoryHandle(guarding: asked).names() }
        let missing = scratch.path.appending("none")
        #expect(throws: FileError.missing(path: missing)) { _ = try DirectoryHandle(guarding: missing).names() }
    }

    @Test(.enabled(if: isRoot, "only root can give a directory away"))
    func `what root writes in a trusted user's directory is that user's`() throws {
        for (name, owner) in [("theirs", Self.stranger), ("roots", 0)] {
            try scratch.makeDirectory(name)
            try scratch.give(name, to: owner, 4243)
            let site = scratch.file("\(name)/site.pem")
            try StagedFile(replacing: site, with: OutputDirectoryTests.new, trusting: [owner]).install()
            let stat = try scratch.stat("\(name)/site.pem")
            #expect((stat.userID.rawValue, stat.groupID.rawValue) == (owner, owner == 0 ? 0 : 4243))
            #expect(stat.permissions == .ownerReadWrite)
        }
        let site = scratch.file("theirs/site.pem")
        try StagedFile(
            replacing: site, with: OutputDirectoryTests.new, owner: 7, group: 8, trusting: [Self.stranger]
        ).install()
        let stat = try scratch.stat("theirs/site.pem")
        #expect((stat.userID.rawValue, stat.groupID.rawValue) == (7, 8))
    }

    @Test func `a file is read past no link where none is to be followed`() throws {
        try scratch.write("secret", to: "elsewhere")
        try link("intents.json", to: "elsewhere", of: geteuid())
        let path = scratch.file("intents.json")
        #expect(throws: FileError.notAFile(path: path, .link)) { _ = try readFile(at: path, followingLinks: false) }
        let named = try DirectoryHandle(opening: scratch.path)
        #expect(throws: FileError.notAFile(path: path, .link)) {
            _ = try named.readFile(named: "intents.json", followingLinks: false)
        }
        #expect(try readFile(at: path).bytes.withSpan { $0.count } == 6)
    }
}
