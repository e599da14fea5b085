import CertKit
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite struct FileReadingTests {
    let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    @Test(arguments: ["", "one line\n", String(repeating: "x", count: fileSizeLimit)])
    func `a file is read whole`(text: String) throws {
        let path = try scratch.write(text, to: "file")
        let contents = try readFile(at: path)
        #expect(contents.bytes == SecretBytes(copying: Array(text.utf8).span))
        #expect(contents.identity.size == text.utf8.count)
        #expect(contents.path == path)
    }

    @Test func `a file that is too large is refused by its size, sparse or not`() throws {
        let path = try scratch.write("x", to: "sparse")
        try scratch.stretch("sparse", to: 1 << 40)
        #expect(throws: FileError.tooLarge(path: path, limit: fileSizeLimit)) { try readFile(at: path) }
        try scratch.write(String(repeating: "x", count: 11), to: "sparse")
        #expect(throws: FileError.tooLarge(path: path, limit: 10)) { try readFile(at: path, limit: 10) }
    }

    enum Obstacle: String, CaseIterable {
        case directory, fifo, socket, device, terminal, kernelFile, circle, missing, dangling, belowFile
    }

    @Test(.timeLimit(.minutes(5)), arguments: Obstacle.allCases)
    func `what is no file is named at once and never waited for`(obstacle: Obstacle) throws {
        let path = scratch.file("it")
        let expected: FileError
        var asked = path
        switch obstacle {
        case .directory:
            try scratch.makeDirectory("it")
            expected = .notAFile(path: path, .directory)
        case .fifo:
            try scratch.makeNode("it", S_IFIFO)
            expected = .notAFile(path: path, .fifo)
        case .socket:
            try scratch.makeNode("it", S_IFSOCK)
            expected = .notAFile(path: path, .socket)
        case .device:
            asked = "/dev/zero"
            expected = .notAFile(path: asked, .characterDevice)
        case .terminal:
            asked = "/dev/ptmx"
            expected = .notAFile(path: asked, .characterDevice)
        case .kernelFile:
            asked = "/proc/self/maps"
            expected = .notAFile(path: asked, .kernelFile)
        case .circle:
            try scratch.makeLink("it", to: "it")
            expected = .unreadable(path: path, .tooManySymbolicLinkLevels)
        case .missing:
            expected = .missing(path: path)
        case .dangling:
            try scratch.makeLink("it", to: "nowhere")
            expected = .missing(path: path)
        case .belowFile:
            try scratch.write("", to: "it")
            asked = path.appending("file")
            expected = .unreadable(path: asked, .notDirectory)
        }
        #expect(throws: expected) { try readFile(at: asked) }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give up being root"))
    func `a file that may not be read says who to ask`() async {
        await #expect(processExitsWith: .success) {
            let scratch = try ScratchDirectory()
            let path = try scratch.write("secret", to: "key")
            // Of a child of its own, so that the other tests stay root.
            try #require(setuid(65534) == 0)
            let error = #expect(throws: FileError.self) { try readFile(at: path) }
            #expect(error == .unreadable(path: scratch.file("key"), .permissionDenied))
            #expect(error?.remedy.contains("namei -l \(path)") == true)
        }
    }

    @Test func `running out of descriptors says which limit to raise`() async {
        await #expect(processExitsWith: .success) {
            let scratch = try ScratchDirectory()
            let path = try scratch.write("text", to: "file")
            let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
            var usual = rlimit()
            try #require(unsafe getrlimit(files, &usual) == 0)
            var limit = rlimit(rlim_cur: 3, rlim_max: usual.rlim_max)
            try #require(unsafe setrlimit(files, &limit) == 0)
            let outcome = Result { () throws(FileError) in try readFile(at: path) }
            // Back before anything else opens a file: reporting to the test run does, and so do sanitizers at the end.
            try #require(unsafe setrlimit(files, &usual) == 0)
            let error = #expect(throws: FileError.self) { try outcome.get() }
            #expect(error == .unreadable(path: path, .tooManyOpenFiles))
            #expect(error?.remedy.contains("LimitNOFILE") == true)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a file that is written meanwhile is never taken for whole`() async throws {
        // Each state of the file is one letter throughout; a mixture would be a torn read.
        let path = try scratch.write(String(repeating: "a", count: 200_000), to: "file")
        let writer = Task.detached {
            var letter = UInt8(ascii: "a")
            while !Task.isCancelled {
                letter = letter == UInt8(ascii: "z") ? UInt8(ascii: "a") : letter + 1
                let text = [UInt8](repeating: letter, count: Int.random(in: 100_000...200_000))
                let file = try FileDescriptor.open(path, .writeOnly, options: .truncate)
                _ = try file.closeAfter { try file.writeAll(text) }
            }
        }
        var seen: Set<UInt8> = []
        var refused = 0
        while seen.count < 5 || refused < 5 {
            do {
                let contents = try readFile(at: path)
                contents.bytes.withSpan { span in
                    guard span.count > 0 else { return }
                    seen.insert(span[0])
                    #expect(span.indices.allSatisfy { span[$0] == span[0] })
                }
            } catch {
                try #require(error == .changedWhileRead(path: path))
                refused += 1
            }
        }
        writer.cancel()
        try await writer.value
    }

    @Test func `a directory is read through its handle even when its path is replaced`() throws {
        let inside = try scratch.makeDirectory("live")
        try scratch.write("old", to: "live/cert.pem")
        try scratch.makeLink("live/link", to: "cert.pem")
        let handle = try DirectoryHandle(opening: inside)
        try scratch.move("live", to: "moved")
        try scratch.makeDirectory("live")
        try scratch.write("newer", to: "live/cert.pem")

        let named = try handle.readFile(named: "cert.pem")
        let linked = try handle.readFile(named: "link")
        let names = try handle.names()
        #expect(named.bytes.count == 3)
        #expect(linked.bytes == SecretBytes(copying: Array("old".utf8).span))
        #expect(names == ["cert.pem", "link"])
    }

    @Test(arguments: [
        (Errno.ioError, "dmesg"), (.noSpace, "df -h /etc/haproxy"), (.diskQuotaExceeded, "quota"),
        (.readOnlyFileSystem, "findmnt -T /etc/haproxy"), (.noMemory, "ps aux"), (.tooManyOpenFilesInSystem, "file-nr"),
        (.improperLink, "findmnt"), (.tooManySymbolicLinkLevels, "namei -l"), (.permissionDenied, "namei -l"),
        (.noSuchAddressOrDevice, "ls -ld"),
    ])
    func `every refusal of the system has a remedy that names a command`(errno: Errno, command: String) {
        let error = FileError.unreadable(path: "/etc/haproxy/site.pem", errno)
        #expect(error.remedy.contains(command))
        #expect(error.description.hasPrefix("/etc/haproxy/site.pem: "))
        #expect(error.description == error.description.lowercased())
    }
}
