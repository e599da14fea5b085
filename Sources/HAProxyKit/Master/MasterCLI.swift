/// The socket of HAProxy's master process (`-S PATH`), which reloads it and tells of its workers.
public struct MasterCLI: Sendable {
    /// Sends one command and gives the whole answer.
    public typealias Send = @Sendable (_ command: String, _ timeout: Duration) async throws(RuntimeError) -> String

    /// The socket's path.
    public let path: String
    /// How a command reaches the master.
    public let send: Send

    /// Speaks with the socket at `path`.
    public init(socket path: String) {
        self.init(path: path) { command, timeout throws(RuntimeError) in
            try await RuntimeSocket(path: path, timeout: timeout, endsWriting: true).answer(to: command)
        }
    }

    /// Speaks through `send`, for tests; `path` only appears in errors.
    public init(path: String, send: @escaping Send) {
        self.path = path
        self.send = send
    }

    /// The time for anything but a reload.
    private static let patience = Duration.seconds(5)

    /// How long a socket that nobody listens on is tried: from 2.5 the master executes itself anew once more after each
    /// start and reload, and cannot be reached for some milliseconds.
    private static let absence = Duration.seconds(1)

    /// What the master says of its processes.
    ///
    /// - Throws: ``RuntimeError``; at once where there is no socket, or it does not let this user in.
    public func processes() async throws(RuntimeError) -> MasterProcesses {
        try await retrying(until: Deadline(after: Self.absence)) { () throws(RuntimeError) in try await shown() }
    }

    private func shown() async throws(RuntimeError) -> MasterProcesses {
        let command = "show proc"
        let answer = RuntimeAnswer(try await send(command, Self.patience))
        if answer.lines == ["Permission denied"] { throw .levelTooLow(socket: path, command: command) }
        guard let processes = MasterProcesses(answer) else {
            throw .notUnderstood(socket: path, command: command, answer: answer.excerpt(answering: command))
        }
        return processes
    }

    /// Does `look` until it gives something, after 1, 2, 4 … 200 ms, as long as the master may only be executing itself.
    ///
    /// - Throws: what happened last.
    private func retrying<Value>(
        until deadline: Deadline, where isPassing: (RuntimeError) -> Bool = \.mayBeExecution,
        _ look: () async throws(RuntimeError) -> Value?
    ) async throws(RuntimeError) -> Value {
        var pause = Duration.milliseconds(1)
        while true {
            var trouble = RuntimeError.silent(socket: path, command: "reload", after: Self.patience, received: 0)
            do throws(RuntimeError) {
                if let value = try await look() { return value }
            } catch {
                guard isPassing(error) else { throw error }
                trouble = error
            }
            let left = deadline.left
            guard left > .zero, (try? await ContinuousClock().sleep(for: min(pause, left))) != nil else {
                throw trouble
            }
            pause = min(pause * 2, .milliseconds(200))
        }
    }
}

/// How a reload ended, as the master tells.
public enum ReloadVerdict: Sendable, Equatable {
    /// A new worker serves.
    case taken
    /// The worker from before serves on; the alerts tell why, where HAProxy says (2.7+).
    case refused(alerts: [String])
}

extension MasterCLI {
    /// Reloads HAProxy, and waits for the verdict for at most `limit`.
    ///
    /// From 2.7 the master answers when it knows. 2.6 answers nothing, and nobody can connect while it executes itself
    /// anew: it is asked until it has counted the reload, after 1, 2, 4 … 200 ms.
    /// - Throws: ``RuntimeError`` where the master did not take the command, or did not come back in time: how the reload
    ///   ended is unknown then.
    public func reload(within limit: Duration) async throws(RuntimeError) -> ReloadVerdict {
        let deadline = Deadline(after: limit)
        // A reload may have ended a moment ago, after which the master removes its socket and binds it anew.
        let before = try await retrying(
            until: Deadline(after: Self.absence), where: { $0.mayBeExecution || $0.isAbsent },
            { () throws(RuntimeError) in try await shown() })
        do throws(RuntimeError) {
            let answer = RuntimeAnswer(try await send("reload", limit))
            if answer.lines == ["Permission denied"] { throw .levelTooLow(socket: path, command: "reload") }
            if answer.lines.first == "Success=1" { return .taken }
            if answer.lines.first == "Success=0" { return .refused(alerts: answer.alerts) }
        } catch {
            guard error.mayBeExecution || error.isLate else { throw error }
        }
        return try await retrying(until: deadline) { () throws(RuntimeError) in
            do throws(RuntimeError) {
                return try await shown().verdict(since: before)
            } catch {
                // With many certificates it takes long to execute itself, and who has connected waits.
                guard !error.isLate, !error.isAbsent else { return nil }
                throw error
            }
        }
    }
}

extension MasterProcesses {
    /// How the reload after `before` ended; nil while it has not been counted. A master that was started anew has counted
    /// none, and has loaded everything.
    fileprivate func verdict(since before: MasterProcesses) -> ReloadVerdict? {
        if master.pid != before.master.pid { return worker == nil ? nil : .taken }
        guard master.reloads > before.master.reloads else { return nil }
        if failedReloads > 0 { return .refused(alerts: []) }
        guard let worker, worker.pid != before.worker?.pid else { return nil }
        return .taken
    }
}

extension RuntimeAnswer {
    /// What went wrong, without the place in HAProxy's own log that stands before it.
    fileprivate var alerts: [String] {
        lines.filter { $0.hasPrefix("[ALERT]") }.map { line in
            line.firstRange(of: " : ").map { String(line[$0.upperBound...]) } ?? line
        }
    }
}

extension RuntimeError {
    /// Whether a master that is executing itself anew looks like this from outside.
    fileprivate var mayBeExecution: Bool {
        switch self {
        case .refused, .closed, .cutOff, .failed: true
        default: false
        }
    }

    fileprivate var isLate: Bool { if case .silent = self { true } else { false } }
    /// The new socket is renamed into the old one's place, but a master that binds it anew removes it first.
    fileprivate var isAbsent: Bool { if case .absent = self { true } else { false } }
}
