internal import FoundationEssentials
internal import Glibc
internal import SystemPackage
internal import TestSupport
internal import Testing

/// What a core of the daemon would hold once it has deployed. It makes none, so its memory is read as a debugger's `gcore`
/// reads it, which root alone may.
@Suite struct KeyMemoryTests {
    private let name = "pbx.example.org"

    @Test(.enabled(if: geteuid() == 0, "only root may read another process's memory"), .timeLimit(.minutes(5)))
    func `nothing of a key is left in the daemon's memory once it has deployed`() async throws {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name, ["--key", "rsa"])
        try await stage.deploys(name)
        let daemon = try await stage.daemon()
        for generation in 2...3 {
            let known = daemon.log.messages.count
            try await stage.make(name, ["--generation", "\(generation)", "--key", "rsa"])
            try await daemon.log.wait(for: "notice: deployed lineage=\(name)", after: known)
        }
        // And a key that it refuses.
        let known = daemon.log.messages.count
        try await stage.make(name, ["--generation", "4", "--key", "rsa", "--case", "weak-key"])
        try await daemon.log.wait(for: "error: not deployed lineage=\(name)", after: known)

        let memory = stage.scratch.file("memory")
        let keys = try (1...4).map { generation in
            try KeyFragments(in: stage.letsencrypt.appending("archive/\(name)/privkey\(generation).pem"))
        }
        // An event that came late has the daemon read the last key once more, which may be now; what is left stays.
        var left: [Int] = []
        for _ in 1...10 {
            try writeMemory(of: daemon.pid, to: memory)
            left = []
            for (index, key) in keys.enumerated() {
                #expect(key.bytes.count > 20)
                let parts = key.all.map { Array($0.utf8) } + key.bytes
                if try await lines(of: memory, with: parts, in: stage.scratch) > 0 { left.append(index + 1) }
            }
            if left.isEmpty { break }
        }
        #expect(left == [], "parts of these keys are in memory")
        #expect(
            try await lines(of: memory, with: [Array(name.utf8)], in: stage.scratch) > 0, "the search finds nothing")
        for file in ["cmdline", "environ"] {
            let text = try text(of: FilePath("/proc/\(daemon.pid)/\(file)"))
            #expect(!text.contains("PRIVATE KEY"))
        }
        #expect(
            try text(of: FilePath("/proc/\(daemon.pid)/limits")).split(separator: "\n").contains { line in
                line.hasPrefix("Max core file size") && line.split(separator: " ").dropFirst(4).prefix(2) == ["0", "0"]
            })
        #expect(try await daemon.stop() == 0)
    }
}

/// How many lines of a file hold one of `needles`; those that grep takes for two are left out.
private func lines(of file: FilePath, with needles: [[UInt8]], in scratch: ScratchDirectory) async throws -> Int {
    let list = scratch.file("needles")
    let searched = needles.filter { !$0.contains(10) && !$0.contains(0) }
    try Data(searched.joined(separator: [10])).write(to: URL(filePath: list.string))
    let found = try await runTool(
        "env", ["LC_ALL=C", "grep", "-a", "-c", "-F", "-f", list.string, file.string])
    guard let count = Int(found.output.filter(\.isNumber)) else { throw ToolFailure(description: found.errors) }
    return count
}

/// Writes to a file all that a process may write to and has: heap, stacks, and the variables of its libraries.
private func writeMemory(of process: Int32, to file: FilePath) throws {
    let memory = try FileDescriptor.open(FilePath("/proc/\(process)/mem"), .readOnly, options: .closeOnExec)
    defer { try? memory.close() }
    let pages = try FileDescriptor.open(FilePath("/proc/\(process)/pagemap"), .readOnly, options: .closeOnExec)
    defer { try? pages.close() }
    let core = try FileDescriptor.open(
        file, .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: .ownerReadWrite)
    defer { try? core.close() }
    let size = Int64(sysconf(Int32(_SC_PAGESIZE)))
    for line in try text(of: FilePath("/proc/\(process)/maps")).split(separator: "\n") {
        let words = line.split(separator: " ")
        let ends = words[0].split(separator: "-").compactMap { Int64($0, radix: 16) }
        guard words[1].hasPrefix("rw"), ends.count == 2 else { continue }
        // Most of a stack was never touched: what is there stands in the page map.
        let map = try pages.bytes(at: ends[0] / size * 8, Int((ends[1] - ends[0]) / size * 8))
        for page in 0..<(map.count / 8) where map[page * 8 + 7] & 0xC0 != 0 {
            do {
                try core.writeAll(memory.bytes(at: ends[0] + Int64(page) * size, Int(size)))
            } catch let error as Errno where error == .ioError {
                // A guard page of a stack (glibc 2.42 makes them by madvise): there is nothing to read.
                continue
            }
        }
    }
}

extension FileDescriptor {
    fileprivate func bytes(at offset: Int64, _ count: Int) throws -> [UInt8] {
        try unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = unsafe try read(fromAbsoluteOffset: offset, into: UnsafeMutableRawBufferPointer(buffer))
        }
    }
}
