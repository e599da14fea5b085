import CertKit
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite struct StagedFileTests {
    let scratch: ScratchDirectory
    let bundle: FilePath
    static let new = SecretBytes(copying: Array("new bundle\n".utf8).span)

    init() throws {
        scratch = try ScratchDirectory()
        bundle = try scratch.write("old bundle\n", to: "site.pem")
    }

    /// Everything in the directory, dot-names too.
    func names() throws -> [String] { try DirectoryHandle(opening: scratch.path).names() }

    @Test func `a new bundle takes the old one's place in one step`() throws {
        let staged = try StagedFile(replacing: bundle, with: Self.new)
        let beside = try #require(try names().first { $0.hasPrefix(".site.pem.certd-new-") })
        #expect(try scratch.stat(beside).permissions == .ownerReadWrite)
        #expect(try scratch.read(beside) == "new bundle\n")
        #expect(try scratch.read("site.pem") == "old bundle\n")

        let replaced = try staged.install()
        #expect(replaced == .file)
        #expect(try scratch.read("site.pem") == "new bundle\n")
        #expect(try names() == ["site.pem"])
    }

    @Test func `a staged bundle that is not installed leaves nothing`() throws {
        try StagedFile(replacing: bundle, with: Self.new).discard()
        _ = try StagedFile(replacing: bundle, with: Self.new)
        #expect(try names() == ["site.pem"])
        #expect(try scratch.read("site.pem") == "old bundle\n")
    }

    @Test func `the first bundle has nothing to replace`() throws {
        let replaced = try StagedFile(replacing: scratch.file("first.pem"), with: Self.new).install()
        #expect(replaced == .nothing)
        #expect(try scratch.read("first.pem") == "new bundle\n")
    }

    @Test(arguments: ["site.pem", "nowhere"])
    func `a symbolic link at the target is replaced, not followed`(destination: String) throws {
        let link = try scratch.makeLink("link.pem", to: destination)
        let replaced = try StagedFile(replacing: link, with: Self.new).install()
        #expect(replaced == .symbolicLink)
        #expect(try scratch.stat("link.pem").type == .regular)
        #expect(try names() == ["link.pem", "site.pem"])
        #expect(try scratch.read("site.pem") == "old bundle\n")
    }

    @Test func `a directory at the target stays, and nothing is left beside it`() throws {
        let directory = try scratch.makeDirectory("taken.pem")
        #expect(throws: WriteError.failed(.rename, path: directory, .isDirectory)) {
            try StagedFile(replacing: directory, with: Self.new).install()
        }
        #expect(try names() == ["site.pem", "taken.pem"])
    }

    @Test(arguments: [mode_t(0o000), 0o022, 0o077, 0o777])
    func `the bundle is 0600 whatever the umask`(mask: mode_t) async {
        // The umask belongs to the whole process, so each goes into one of its own.
        await #expect(processExitsWith: .success) { [mask = mask as mode_t] in
            let scratch = try ScratchDirectory()
            umask(mask)
            let staged = try StagedFile(
                replacing: scratch.file("site.pem"), with: SecretBytes(copying: Array("new".utf8).span))
            let beside = try #require(try DirectoryHandle(opening: scratch.path).names().first)
            #expect(try scratch.stat(beside).permissions == .ownerReadWrite)
            try staged.install()
            #expect(try scratch.stat("site.pem").permissions == .ownerReadWrite)
        }
    }

    @Test func `a mode asked for is given exactly`() throws {
        try StagedFile(
            replacing: bundle, with: Self.new, mode: [.ownerReadWrite, .groupRead]
        ).install()
        #expect(try scratch.stat("site.pem").permissions == [.ownerReadWrite, .groupRead])
    }

    @Test func `a killed run leaves the old bundle, and its own file is found and removed`() async throws {
        let directory = scratch.path.string
        await #expect(processExitsWith: .signal(SIGKILL)) { [directory = directory as String] in
            let staged = try StagedFile(
                replacing: FilePath(directory).appending("site.pem"),
                with: SecretBytes(copying: Array("never".utf8).span))
            raise(SIGKILL)
            try staged.install()
        }
        #expect(try scratch.read("site.pem") == "old bundle\n")
        try scratch.write("another's", to: ".other.pem.certd-new-00")
        try scratch.write("kept", to: ".site.pem.certd-old")
        let left = try names().filter { $0.hasPrefix(".site.pem.certd-new-") }
        #expect(left.count == 1)

        #expect(try StagedFile.removeLeftovers(beside: bundle) == left)
        #expect(try names() == [".other.pem.certd-new-00", ".site.pem.certd-old", "site.pem"])
        #expect(try StagedFile.removeLeftovers(beside: bundle) == [])
    }

    @Test func `what is left of several files is found in one go, and nobody else's`() throws {
        let left = [".a.pem.certd-new-01", ".b.pem.certd-new-02", "..a.pem.certd-old.certd-new-03"]
        let others = [".c.pem.certd-new-04", "a.pem.certd-new-05", ".a.pem.certd-old", ".a.pem.certd-new"]
        for name in left + others { try scratch.write("x", to: name) }
        let names: Set = ["a.pem", "b.pem", ".a.pem.certd-old"]
        #expect(Set(try StagedFile.removeLeftovers(in: scratch.path) { names.contains($0) }) == Set(left))
        #expect(try self.names() == (others + ["site.pem"]).sorted())
    }

    @Test(arguments: ["/", "..", "certs/.."])
    func `a path that ends in no name is refused`(path: String) {
        #expect(throws: WriteError.noName(path: FilePath(path))) {
            try StagedFile(replacing: FilePath(path), with: Self.new).discard()
        }
    }

    @Test func `a directory that is missing is named`() {
        let error = #expect(throws: WriteError.self) {
            try StagedFile(replacing: scratch.file("nowhere/site.pem"), with: Self.new).discard()
        }
        #expect(error == .directory(.missing(path: scratch.file("nowhere"))))
        #expect(error?.description.hasPrefix("\(scratch.path)/nowhere: ") == true)
    }
}
