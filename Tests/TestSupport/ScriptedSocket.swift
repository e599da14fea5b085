internal import Dispatch
internal import Glibc
internal import Synchronization
public import SystemPackage

/// A Unix socket that answers by a script, for what a real HAProxy cannot be brought to do: falling silent, breaking off
/// in the middle of an answer, and speaking as versions do that are not installed here.
public final class ScriptedSocket: Sendable {
    /// What happens on one connection once the command's line has come.
    public enum Turn: Sendable {
        /// Reads the payload, if there is one, then answers and closes.
        case answer(String)
        /// Reads the payload, if there is one, then does what follows from it.
        case afterPayload(@Sendable (_ message: String) -> Turn)
        /// As ``answer(_:)``, but the answer comes byte by byte.
        case trickle(String)
        /// Answers and closes without having read the payload.
        case hangUp(after: String)
        /// Answers and keeps the connection open.
        case silence(after: String)
        /// Answers without end.
        case flood
    }

    /// Where it listens.
    public let path: FilePath
    private let directory: ScratchDirectory
    private let listener: FileDescriptor
    private let heard: Heard

    /// Listens on `scripted.sock` in `directory` and takes one connection after the other; the script gets the command's
    /// line.
    public init(
        in directory: ScratchDirectory, script: @escaping @Sendable (_ command: String) -> Turn
    ) throws {
        self.directory = directory
        path = directory.file("scripted.sock")
        listener = try listen(on: path)
        let (listener, heard) = (listener, Heard())
        self.heard = heard
        DispatchQueue(label: "scripted socket").async {
            var kept: [FileDescriptor] = []
            while let connection = accept(from: listener) {
                let keeps = serve(connection, script, heard)
                if keeps { kept.append(connection) } else { try? connection.close() }
            }
            for connection in kept + [listener] { try? connection.close() }
        }
    }

    // Wakes the queue out of its accept.
    deinit { shutdown(listener.rawValue, CInt(SHUT_RDWR)) }

    /// What has been sent, a whole connection each: the command's line and the payload.
    public var messages: [String] { heard.messages.withLock { $0 } }
}

extension ScriptedSocket.Turn {
    fileprivate var readsPayload: Bool {
        switch self {
        case .answer, .afterPayload, .trickle: true
        case .hangUp, .silence, .flood: false
        }
    }
}

private final class Heard: Sendable {
    let messages = Mutex<[String]>([])
}

/// Has one conversation; true when the connection is to stay open.
private func serve(
    _ connection: FileDescriptor, _ script: (String) -> ScriptedSocket.Turn, _ heard: Heard
) -> Bool {
    var message = ""
    while !message.utf8.contains(UInt8(ascii: "\n")), readMore(connection, into: &message) {}
    let command = String(message.unicodeScalars.prefix { $0 != "\n" })
    let turn = script(command)
    if turn.readsPayload, command.hasSuffix(" <<") {
        while !message.hasSuffix("\n\n"), readMore(connection, into: &message) {}
    }
    heard.messages.withLock { $0.append(message) }
    return carryOut(turn, message, on: connection)
}

/// True when the connection is to stay open.
private func carryOut(_ turn: ScriptedSocket.Turn, _ message: String, on connection: FileDescriptor) -> Bool {
    switch turn {
    case .answer(let text), .hangUp(let text): write(text, to: connection)
    case .afterPayload(let next): return carryOut(next(message), message, on: connection)
    case .trickle(let text):
        for scalar in text.unicodeScalars { write(String(scalar), to: connection) }
    case .silence(let text):
        write(text, to: connection)
        return true
    case .flood:
        let block = String(repeating: "x", count: 65_536)
        while write(block, to: connection) {}
    }
    return false
}

private func readMore(_ connection: FileDescriptor, into message: inout String) -> Bool {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = unsafe recv(connection.rawValue, &bytes, bytes.count, 0)
    guard count > 0 else { return false }
    message += String(decoding: bytes[..<count], as: UTF8.self)
    return true
}

@discardableResult
private func write(_ text: String, to connection: FileDescriptor) -> Bool {
    let bytes = Array(text.utf8)
    let sent = unsafe send(connection.rawValue, bytes, bytes.count, CInt(MSG_NOSIGNAL))
    return sent == bytes.count
}

private func accept(from listener: FileDescriptor) -> FileDescriptor? {
    let accepted = Glibc.accept(listener.rawValue, nil, nil)
    return accepted < 0 ? nil : FileDescriptor(rawValue: accepted)
}
