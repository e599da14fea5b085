import CLinux
import Glibc
import Subprocess
import SystemPackage

/// A program of this host that is run with a time limit and without a shell.
enum HostProgram {
    /// How it ended.
    enum End: Sendable, Equatable {
        /// With status 0.
        case well
        /// With another status or by a signal, or it could not be started.
        case badly(String)
        /// It was ended at the limit.
        case late
    }

    /// certbot may run its hooks without /usr/sbin in PATH.
    static let environment = Environment.inherit.updating([
        "PATH": "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
    ])

    /// Runs `words`, a program and its arguments, with `input` on its standard input; what it says on standard error goes
    /// to certd's own.
    static func run(_ words: [String], within limit: Duration, input text: String = "") async -> End {
        guard let program = words.first else { return .badly("no program") }
        let executable = program.contains("/") ? Executable.path(FilePath(program)) : .name(program)
        let end = await finishing(within: limit) { () -> End in
            do {
                // Not a pipe, which the command may leave unread.
                let input = try FileDescriptor.inMemory(text)
                // Not read by us: what the command leaves running in the background may hold the other end for ever.
                let result = try await Subprocess.run(
                    executable, arguments: Arguments(Array(words.dropFirst())), environment: environment,
                    input: .fileDescriptor(input, closeAfterSpawningProcess: true), output: .discarded,
                    error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false))
                if case .exited(0) = result.terminationStatus { return .well }
                return .badly("\(result.terminationStatus)")
            } catch {
                return .badly("\(error)")
            }
        }
        return end ?? .late
    }

    /// Does `work`, which ends its child when it is cancelled; nil where that came at the limit.
    static func finishing<Value: Sendable>(
        within limit: Duration, _ work: @escaping @Sendable () async -> Value
    ) async -> Value? {
        await withTaskGroup(of: Value?.self) { group in
            group.addTask { await work() }
            group.addTask {
                try? await ContinuousClock().sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}

extension FileDescriptor {
    /// A file without a name that holds `text`, at its beginning; gone when the last process closes it.
    fileprivate static func inMemory(_ text: String) throws(Errno) -> FileDescriptor {
        let number = certd_memory_file()
        guard number >= 0 else { throw Errno(rawValue: errno) }
        let file = FileDescriptor(rawValue: number)
        do {
            try file.writeAll(text.utf8)
            try file.seek(offset: 0, from: .start)
            return file
        } catch {
            try? file.close()
            throw (error as? Errno) ?? .ioError
        }
    }
}
