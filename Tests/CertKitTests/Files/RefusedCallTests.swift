import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import CertKit

/// Calls that the system refuses or interrupts; those that it refuses for good, in a process of the test's own.
@Suite struct RefusedCallTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    private func library() async throws -> String { try await Faults(in: scratch).library.string }

    @Test func `a call that a signal interrupts is made again`() throws {
        var calls = 0
        let result = try retryingInterrupted {
            calls += 1
            errno = EINTR
            return calls < 3 ? CInt(-1) : 7
        }
        #expect((calls, result) == (3, 7))
    }

    @Test func `a disk that fails while a bundle is written keeps the old one`() async throws {
        let library = try await library()
        await #expect(processExitsWith: .success) { [library = library as String] in
            let scratch = try ScratchDirectory()
            let bundle = try scratch.write("old", to: "site.pem")
            try Faults.refuse("fsync", with: .ioError, by: library)
            #expect(throws: WriteError.failed(.sync, path: bundle, .ioError)) {
                try StagedFile(replacing: bundle, with: SecretBytes(copying: Array("new".utf8).span)).discard()
            }
            #expect(try scratch.read("site.pem") == "old")
            #expect(try DirectoryHandle(opening: scratch.path).names() == ["site.pem"])
        }
    }

    @Test func `a disk that fails after the bundle is in place says that it may be gone after a power loss`()
        async throws
    {
        let library = try await library()
        await #expect(processExitsWith: .success) { [library = library as String] in
            let scratch = try ScratchDirectory()
            let bundle = try scratch.write("old", to: "site.pem")
            let staged = try StagedFile(replacing: bundle, with: SecretBytes(copying: Array("new".utf8).span))
            try Faults.refuse("fsync", with: .ioError, by: library)
            do throws(WriteError) {
                try staged.install()
                Issue.record("the directory could be synced")
            } catch {
                #expect(error == .notDurable(path: bundle, .ioError))
            }
            #expect(try scratch.read("site.pem") == "new")
            #expect(try DirectoryHandle(opening: scratch.path).names() == ["site.pem"])
        }
    }

    @Test func `a file system that keeps no locks says so`() async throws {
        let library = try await library()
        await #expect(processExitsWith: .success) { [library = library as String] in
            let scratch = try ScratchDirectory()
            try Faults.refuse("flock", with: .noLocks, by: library)
            await #expect(throws: LockError.failed(path: scratch.file("lock"), .noLocks)) {
                try await FileLock.acquire(at: scratch.file("lock"), within: .zero, on: SteppingClock()).release()
            }
        }
    }

    @Test func `a directory that cannot be opened again says which limit to raise`() async {
        await #expect(processExitsWith: .success) {
            let scratch = try ScratchDirectory()
            let directory = try DirectoryHandle(opening: scratch.path)
            let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
            var usual = rlimit()
            try #require(unsafe getrlimit(files, &usual) == 0)
            var limit = rlimit(rlim_cur: 3, rlim_max: usual.rlim_max)
            try #require(unsafe setrlimit(files, &limit) == 0)
            let names = Result { () throws(FileError) in try directory.names() }
            let directories = Result { () throws(FileError) in try directory.directoryNames { _ in true }.starts }
            let entries = Result { () throws(FileError) in try directory.entries() }
            let guarded = Result { () throws(FileError) in
                try UnsafeDirectory(at: scratch.path, trusting: [])?.description ?? ""
            }
            // Back before anything else opens a file: reporting to the test run does, and so do sanitizers at the end.
            try #require(unsafe setrlimit(files, &usual) == 0)
            let expected = FileError.unreadable(path: scratch.path, .tooManyOpenFiles)
            #expect(throws: expected) { try names.get() }
            #expect(throws: expected) { try directories.get() }
            #expect(throws: expected) { try entries.get() }
            #expect(throws: expected) { try guarded.get() }
        }
    }

    @Test func `memory that cannot be read is no file`() throws {
        // A regular file to stat(2), of which the first page is never there.
        #expect(throws: FileError.unreadable(path: "/proc/self/mem", .ioError)) { try readFile(at: "/proc/self/mem") }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can stop being root"))
    func `only root gives a directory away`() async {
        await #expect(processExitsWith: .success) {
            let scratch = try ScratchDirectory()
            let directory = try DirectoryHandle(opening: scratch.path)
            try #require(seteuid(65534) == 0)
            let outcome = Result { () throws(FileError) in try directory.give(to: 65534, 65534) }
            try #require(seteuid(0) == 0)
            #expect(throws: FileError.unreadable(path: scratch.path, .notPermitted)) { try outcome.get() }
        }
    }

    @Test func `a buffer for users and groups grows as long as the system asks for more`() {
        var sizes: [Int] = []
        let found = withLookupBuffer { buffer in
            sizes.append(buffer.count)
            return buffer.count < 4096 ? (nil, ERANGE) : (7, 0)
        }
        #expect(found == 7)
        #expect(sizes == [1024, 2048, 4096])
        #expect(withLookupBuffer { _ in (nil, ERANGE) } == nil)
    }
}
