internal import Glibc
internal import Subprocess
internal import Synchronization
internal import SystemPackage

/// A program that runs until the test ends it, and whose standard error can be waited for line by line.
public final class RunningProgram: Sendable {
    /// What it says on standard error.
    public let log: Spoken
    /// The process that was started.
    public let pid: Int32
    private let isOurs = Mutex(true)
    private let ended: Task<Int32?, any Error>

    /// Starts a command, whose first member is a path or found on PATH.
    public static func start(_ command: [String]) async throws -> RunningProgram {
        let log = Spoken(command.joined(separator: " "))
        let (started, starting) = AsyncThrowingStream<Int32, any Error>.makeStream()
        let ended = Task { () -> Int32? in
            defer {
                starting.finish()
                log.end()
            }
            let program: Executable = command[0].contains("/") ? .path(FilePath(command[0])) : .name(command[0])
            let result = try await run(
                program, arguments: Arguments(Array(command.dropFirst())), input: .none, output: .discarded,
                error: .sequence
            ) { execution in
                starting.yield(execution.processIdentifier.value)
                for try await line in execution.standardError.strings() { log.add(line) }
            }
            guard case .exited(let status) = result.terminationStatus else { return nil }
            return status
        }
        for try await pid in started { return RunningProgram(log: log, pid: pid, ended: ended) }
        throw ToolFailure(description: "\(command) could not be started")
    }

    private init(log: Spoken, pid: Int32, ended: Task<Int32?, any Error>) {
        self.log = log
        self.pid = pid
        self.ended = ended
    }

    // Whoever forgets it leaves nothing behind.
    deinit { signal(SIGKILL) }

    /// Sends a signal.
    public func signal(_ number: CInt) {
        isOurs.withLock { if $0 { _ = Glibc.kill(pid, number) } }
    }

    /// Waits until it has ended, and gives the status it exited with; nil where a signal ended it.
    public func end() async throws -> Int32? {
        let status = try await ended.value
        isOurs.withLock { $0 = false }
        return status
    }

    /// Has it end by SIGTERM, and gives its status.
    public func stop() async throws -> Int32? {
        signal(SIGTERM)
        return try await end()
    }
}
