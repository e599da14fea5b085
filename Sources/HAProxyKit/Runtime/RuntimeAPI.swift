public import CertKit

/// HAProxy's Runtime API on one `stats socket`.
///
/// Each command has a connection of its own: with two in one, HAProxy 3.0 and later run the first and leave the
/// transaction open. Nothing is remembered between commands, not even the version: HAProxy may be replaced at any time.
public struct RuntimeAPI: Sendable {
    /// Sends one command, with the PEM text that `set ssl cert` wants, and gives the whole answer.
    public typealias Send =
        @Sendable (_ command: String, _ payload: SecretBytes?) async throws(RuntimeError) -> String

    /// The socket's path.
    public let path: String
    /// `tune.bufsize` of HAProxy's configuration, where that is known: HAProxy does not tell it.
    public var bufferSize: Int?
    /// How a command reaches HAProxy.
    public let send: Send
    /// The same for a command whose answer matters only up to a certain text.
    private let sendUpTo: @Sendable (_ command: String, _ end: String) async throws(RuntimeError) -> String

    /// Speaks with the socket at `path`; each command has `timeout` from connecting to the end of the answer.
    public init(socket path: String, timeout: Duration = .seconds(5)) {
        let socket = RuntimeSocket(path: path, timeout: timeout)
        self.path = path
        send = { command, payload throws(RuntimeError) in try await socket.answer(to: command, payload: payload) }
        sendUpTo = { command, end throws(RuntimeError) in try await socket.answer(to: command, upTo: end) }
    }

    /// Speaks through `send`, for tests; `path` only appears in errors.
    public init(path: String, send: @escaping Send) {
        self.path = path
        self.send = send
        sendUpTo = { command, _ throws(RuntimeError) in try await send(command, nil) }
    }
}

extension RuntimeAPI {
    /// Asks which HAProxy this is.
    public func processInfo() async throws(RuntimeError) -> HAProxyProcess {
        let answer = try await ask("show info")
        guard let info = HAProxyProcess(answer) else {
            throw .notUnderstood(socket: path, command: "show info", answer: answer.excerpt(answering: "show info"))
        }
        return info
    }

    /// The name of the certificate that a transaction is open for; a HAProxy process has one transaction in all.
    public func openTransaction() async throws(RuntimeError) -> String? {
        // The names may be 10,000; the transaction stands before them.
        let answer = try await unlocked { () throws(RuntimeError) in try await sendUpTo(Self.list, Self.listHeader) }
        let beforeNames = try await halves(of: answer).beforeNames
        guard let mark = beforeNames.firstIndex(of: "# transaction"), mark + 1 < beforeNames.endIndex else {
            return nil
        }
        let marked = beforeNames[mark + 1]
        return marked.hasPrefix("*") ? String(marked.dropFirst()) : marked
    }

    /// The names of all certificates that HAProxy has loaded, in its order.
    public func certificateNames() async throws(RuntimeError) -> [String] {
        let answer = try await unlocked { () throws(RuntimeError) in try await send(Self.list, nil) }
        return Array(try await halves(of: answer).names)
    }

    /// What HAProxy has loaded under `name`; nil where it knows no such name.
    public func certificate(named name: String) async throws(RuntimeError) -> LoadedCertificate? {
        let show = try command("show ssl cert", name)
        let answer = try await ask(show)
        if answer.contains("Not found or the certificate is a bundle") { return nil }
        guard let loaded = LoadedCertificate(answer), isSameName(loaded.name, name) else {
            throw await notUnderstood(answer, show)
        }
        return loaded
    }

    private static let list = "show ssl cert"
    private static let listHeader = "# filename"

    /// What stands before and after the header; a HAProxy without certificates prints neither.
    private func halves(
        of answer: RuntimeAnswer
    ) async throws(RuntimeError) -> (beforeNames: ArraySlice<String>, names: ArraySlice<String>) {
        try check(answer, to: Self.list)
        if answer.lines.isEmpty { return ([], []) }
        guard let header = answer.lines.firstIndex(of: Self.listHeader) else {
            throw await notUnderstood(answer, Self.list)
        }
        return (answer.lines[..<header], answer.lines[(header + 1)...])
    }
}

extension RuntimeAPI {
    /// Sends a command and turns the refusals that any command can meet into errors.
    func ask(_ command: String, _ payload: SecretBytes? = nil) async throws(RuntimeError) -> RuntimeAnswer {
        let answer = try await unlocked { () throws(RuntimeError) in try await send(command, payload) }
        try check(answer, to: command)
        return answer
    }

    /// How long another client may keep HAProxy from answering.
    private static let lockPatience = Duration.seconds(1)
    /// How often it is asked at least: on a host that is busy enough the time is over after a single try.
    private static let lockTries = 5

    /// What HAProxy answers once nobody else is showing or changing certificates, or that it is still locked.
    ///
    /// Its lock is held while one command runs, and others are refused without having done anything. Nobody tells when it
    /// is free again.
    private func unlocked(
        _ request: () async throws(RuntimeError) -> String
    ) async throws(RuntimeError) -> RuntimeAnswer {
        let deadline = ContinuousClock.now + Self.lockPatience
        var pause = Duration.milliseconds(1)
        var tries = 0
        while true {
            let answer = RuntimeAnswer(try await request())
            tries += 1
            let isPatient = ContinuousClock.now < deadline || tries < Self.lockTries
            guard answer.isLocked, isPatient, !Task.isCancelled else { return answer }
            try? await ContinuousClock().sleep(for: pause)
            pause = min(pause * 2, .milliseconds(100))
        }
    }

    private func check(_ answer: RuntimeAnswer, to command: String) throws(RuntimeError) {
        // The second is what `show ssl cert` says to a level below operator.
        if answer.lines == ["Permission denied"] || answer.lines == ["Can't allocate memory!"] {
            throw .levelTooLow(socket: path, command: command)
        }
        if answer.isLocked { throw .locked(socket: path) }
    }

    /// The error for an answer that fits nothing: an old HAProxy does not know the command.
    func notUnderstood(_ answer: RuntimeAnswer, _ command: String) async -> RuntimeError {
        if answer.isUnknownCommand, let version = try? await processInfo().version, !version.canChangeCertificates {
            return .tooOld(socket: path, version: version)
        }
        return .notUnderstood(socket: path, command: command, answer: answer.excerpt(answering: command))
    }
}

extension RuntimeAnswer {
    /// Whether the command was refused because another one is at work on certificates.
    fileprivate var isLocked: Bool { contains("Operations on certificates are currently locked!") }
}
