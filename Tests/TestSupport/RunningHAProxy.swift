internal import Dispatch
internal import Glibc
internal import Subprocess
internal import Synchronization
public import SystemPackage

/// A real HAProxy of a test's own, with an admin socket, ended when the test lets go.
public final class RunningHAProxy: Sendable {
    /// The Runtime API's socket, level admin.
    public let socket: FilePath
    /// The process that was started: the master in master-worker mode, else the one that serves.
    public let pid: Int32
    private let directory: ScratchDirectory
    private let isOurs = Mutex(true)
    private let stopping: AsyncStream<Void>.Continuation
    private let ended: Task<Void, any Error>

    /// Starts HAProxy on `configuration`, after which its socket answers.
    ///
    /// A `global` section with the socket `admin.sock` and a `defaults` section with timeouts are put before the text;
    /// HAProxy takes further ones. The whole stands in `haproxy.cfg`, what HAProxy says in `haproxy.log`. `arguments` are
    /// more of the command line, such as `-W` and `-S`; `launcher` is a command that becomes HAProxy in the end.
    ///
    /// - Throws: ``ToolFailure`` with HAProxy's words when it ends instead.
    public static func start(
        _ configuration: String, in directory: ScratchDirectory, arguments: [String] = [], launcher: [String] = []
    ) async throws -> RunningHAProxy {
        try directory.write(preamble(socket: directory.file("admin.sock")) + configuration, to: "haproxy.cfg")
        return try await start(in: directory, arguments: arguments, launcher: launcher)
    }

    /// Starts HAProxy on the configuration that an earlier one was started with, which has ended.
    ///
    /// - Throws: ``ToolFailure`` with HAProxy's words when it ends instead.
    public static func start(
        in directory: ScratchDirectory, arguments: [String] = [], launcher: [String] = []
    ) async throws -> RunningHAProxy {
        let socket = directory.file("admin.sock")
        let file = directory.file("haproxy.cfg")
        let command = launcher + ["haproxy", "-f", file.string] + arguments
        let log = try FileDescriptor.open(
            directory.file("haproxy.log"), .writeOnly, options: [.create, .append], permissions: .ownerReadWrite)

        let (stop, stopping) = AsyncStream<Void>.makeStream()
        let (started, starting) = AsyncThrowingStream<Int32, any Error>.makeStream()
        let ended = Task {
            defer { starting.finish() }
            _ = try await run(
                .name("env"), arguments: Arguments(command), input: .none,
                output: .fileDescriptor(log, closeAfterSpawningProcess: true), error: .combinedWithOutput
            ) { execution in
                let process = execution.processIdentifier
                if await answers(socket, unlessEnded: process.processDescriptor) {
                    starting.yield(process.value)
                    // Until this body is left the child is not reaped, so its pid stays its own.
                    for await _ in stop {}
                }
                await execution.teardown(using: [.gracefulShutDown(allowedDurationToNextStep: .seconds(5))])
            }
        }
        for try await pid in started {
            return RunningHAProxy(
                socket: socket, pid: pid, directory: directory, stopping: stopping, ended: ended)
        }
        throw ToolFailure(description: "haproxy -f \(file): \(try directory.read("haproxy.log"))")
    }

    private init(
        socket: FilePath, pid: Int32, directory: ScratchDirectory, stopping: AsyncStream<Void>.Continuation,
        ended: Task<Void, any Error>
    ) {
        self.socket = socket
        self.pid = pid
        self.directory = directory
        self.stopping = stopping
        self.ended = ended
    }

    // The signal goes out here and now: the tests may be over before the task below is.
    deinit {
        signal(SIGTERM)
        stopping.finish()
    }

    /// Ends HAProxy and waits until it is gone.
    public func stop() async throws {
        isOurs.withLock { $0 = false }
        stopping.finish()
        try await ended.value
    }

    /// Ends HAProxy without giving it a chance to tidy up, and waits until it is gone.
    public func kill() async throws {
        signal(SIGKILL)
        try await stop()
    }

    /// Sends a signal to ``pid``; after ``stop()`` that is nobody.
    public func signal(_ number: CInt) {
        isOurs.withLock { if $0 { _ = Glibc.kill(pid, number) } }
    }

    /// An address that no other test listens on: a random one of 127.0.0.0/8, since a port that was free a moment ago
    /// may be another's by now.
    public static func unusedAddress(port: Int = 8443) -> String {
        let bytes = (0..<3).map { _ in String(UInt8.random(in: 1...254)) }
        return "127.\(bytes.joined(separator: ".")):\(port)"
    }

    private static func preamble(socket: FilePath) -> String {
        """
        global
            stats socket \(socket) mode 600 level admin
        defaults
            mode http
            timeout connect 5s
            timeout client 5s
            timeout server 5s

        """
    }
}

/// Waits until HAProxy answers on `socket` (true) or the process, a pidfd, ends (false).
///
/// It tells nobody when it has started, so the socket is tried again and again; the end of the process is an event. That
/// the socket takes connections is not enough: the others and the addresses may not be bound yet, since HAProxy binds one
/// after the other before it serves any.
private func answers(_ socket: FilePath, unlessEnded process: CInt) async -> Bool {
    await withCheckedContinuation { continuation in
        DispatchQueue(label: "starting haproxy").async {
            var ended = pollfd(fd: process, events: Int16(POLLIN), revents: 0)
            while ended.revents == 0, !answers(socket) { _ = unsafe poll(&ended, 1, 5) }
            continuation.resume(returning: ended.revents == 0)
        }
    }
}
