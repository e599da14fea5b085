internal import SystemPackage
internal import TestSupport

/// A call by which a program changed what is on disk, or made a change last.
enum DiskCall: Equatable {
    case create(FilePath, mode: Int)
    case write(FilePath, [UInt8])
    case sync(FilePath)
    case rename(FilePath, to: FilePath)
    case link(FilePath, to: FilePath)
    case remove(FilePath)
    case makeDirectory(FilePath, mode: Int)
    case setMode(FilePath, Int)

    /// Without the bytes.
    var testDescription: String {
        if case .write(let path, let bytes) = self { return "write of \(bytes.count) bytes to \(path)" }
        return "\(self)"
    }

    /// Whether it has the disk keep a file or a directory's names in `directory`.
    func syncs(below directory: FilePath) -> Bool {
        guard case .sync(let path) = self else { return false }
        return path.starts(with: directory)
    }

    /// Every call that makes, changes, renames or removes a file, or has the disk keep it. A `?` stands before what some
    /// processors do not have.
    static let traced = [
        "?open", "openat", "?openat2", "?creat", "write", "pwrite64", "writev", "pwritev", "pwritev2", "sendfile",
        "copy_file_range", "splice", "fallocate", "truncate", "ftruncate", "?rename", "?renameat", "renameat2", "?link",
        "linkat", "?symlink", "symlinkat", "?unlink", "unlinkat", "?rmdir", "?mkdir", "mkdirat", "?mknod", "mknodat",
        "?chmod", "fchmod", "fchmodat", "fsync", "fdatasync", "sync_file_range",
    ]
}

/// What one run of a command did to the disk below some directories, as the kernel saw it.
struct DiskRecording {
    private(set) var calls: [DiskCall] = []
    let run: ToolRun

    /// Runs `command` under strace; only what happens below `roots` counts.
    ///
    /// - Throws: also for a call that ``DiskCall`` has no case for, so that none goes unseen.
    init(of command: [String], below roots: [FilePath], in scratch: ScratchDirectory) async throws {
        let file = scratch.file("disk.trace")
        let strace =
            straceCommand + [
                // Every string in hexadecimal, and every descriptor with its path.
                "-f", "-qq", "-y", "-xx", "-s", "1048576", "-e", "signal=none", "-e",
                "trace=\(DiskCall.traced.joined(separator: ","))", "-o", file.string,
            ]
        run = try await runTool("env", strace + command)
        // A call during which another thread's came in between stands in two lines.
        var begun: [Substring: Substring] = [:]
        for line in try text(of: file).split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let (thread, said) = (parts[0], parts[1].drop { $0 == " " })
            if let cut = said.firstRange(of: " <unfinished ...>") {
                begun[thread] = said[..<cut.lowerBound]
            } else if let rest = said.firstRange(of: " resumed>"), let first = begun.removeValue(forKey: thread) {
                try take(TracedCall(first + said[rest.upperBound...]), below: roots)
            } else {
                try take(TracedCall(said), below: roots)
            }
        }
        try remove(file)
    }

    private mutating func take(_ traced: TracedCall?, below roots: [FilePath]) throws {
        // What failed changed nothing.
        guard let traced, let result = traced.result, !result.hasPrefix("-1") else { return }
        let paths = traced.paths
        guard paths.contains(where: { path in roots.contains { path.starts(with: $0) } }) else { return }
        switch (traced.name, paths.count) {
        case ("open", 1), ("openat", 1):
            guard let mode = traced.mode, traced.arguments.contains(where: { $0.contains("O_CREAT") }) else { return }
            guard !traced.arguments.contains(where: { $0.contains("O_TRUNC") }) else { break }
            return calls.append(.create(paths[0], mode: mode))
        case ("write", 1): return calls.append(.write(paths[0], traced.data(at: 1)))
        case ("fsync", 1), ("fdatasync", 1): return calls.append(.sync(paths[0]))
        case ("rename", 2), ("renameat", 2): return calls.append(.rename(paths[0], to: paths[1]))
        case ("link", 2), ("linkat", 2): return calls.append(.link(paths[0], to: paths[1]))
        case ("unlink", 1), ("unlinkat", 1): return calls.append(.remove(paths[0]))
        case ("mkdir", 1), ("mkdirat", 1):
            if let mode = traced.mode { return calls.append(.makeDirectory(paths[0], mode: mode)) }
        case ("fchmod", 1):
            if let mode = traced.mode { return calls.append(.setMode(paths[0], mode)) }
        default: break
        }
        throw ToolFailure(description: "the model of the disk does not know this call: \(traced)")
    }
}

/// One line of strace's, taken apart: strings and paths are in hexadecimal, so that a comma or a bracket is always one.
private struct TracedCall {
    let name: Substring
    let arguments: [Substring]
    /// What stands behind the `=`.
    let result: Substring?

    init?(_ line: Substring) {
        guard let open = line.firstIndex(of: "("), let close = line.lastIndex(of: ")") else { return nil }
        // Of `= -1 ENOENT (No such file or directory)` the last bracket is none of the call's.
        let end = line[open...].firstRange(of: ") ")?.lowerBound ?? close
        name = line[..<open]
        arguments = line[line.index(after: open)..<end].split(separator: ",").map { Substring($0.drop { $0 == " " }) }
        result = line[end...].firstRange(of: "= ").map { line[$0.upperBound...] }
    }

    /// The paths that it is about: a string is below the directory before it, and a descriptor by itself is a file.
    var paths: [FilePath] {
        guard name != "write" else { return arguments.first.flatMap(opened).map { [$0] } ?? [] }
        var found: [FilePath] = []
        var directory: FilePath?
        for argument in arguments {
            if argument.hasPrefix("\"") {
                let path = FilePath(String(decoding: bytes(of: argument), as: UTF8.self))
                found.append((directory ?? "").pushing(path).lexicallyNormalized())
                directory = nil
            } else if let path = opened(argument) {
                directory = path
            }
        }
        return directory.map { found + [$0] } ?? found
    }

    /// The last argument, in octal.
    var mode: Int? { arguments.last.flatMap { Int($0, radix: 8) } }

    func data(at place: Int) -> [UInt8] { place < arguments.count ? bytes(of: arguments[place]) : [] }

    /// The path of a descriptor, `7</tmp>`.
    private func opened(_ argument: Substring) -> FilePath? {
        guard let start = argument.firstIndex(of: "<"), argument.hasSuffix(">") else { return nil }
        return FilePath(String(decoding: bytes(of: argument[start...]), as: UTF8.self))
    }

    /// What `\x2f\x74` says.
    private func bytes(of argument: Substring) -> [UInt8] {
        argument.split(separator: "\\x").compactMap { UInt8($0.prefix(2), radix: 16) }
    }
}
