internal import CertKit
internal import SystemPackage

/// The socket of HAProxy's Runtime API: one command, one connection, one answer.
///
/// A command on its way is not cancelled with its task, since HAProxy would go on with it and a half-done transaction
/// would be left behind; the timeout bounds it.
struct RuntimeSocket: Sendable {
    /// Room for the names of 10,000 certificates.
    static let longestAnswer = 4 << 20

    let path: String
    let timeout: Duration
    /// Whether to say that no further command comes: the master of HAProxy 2.6 keeps the connection open until then.
    var endsWriting = false

    /// Sends a command and gives the whole answer, or, with `end`, the answer up to and including this text.
    func answer(
        to command: String, payload: SecretBytes? = nil, upTo end: String? = nil
    ) async throws(RuntimeError) -> String {
        try await awaiting("certd.runtime-api") {
            Result { () throws(RuntimeError) in try exchange(command, payload, upTo: end) }
        }.get()
    }

    func exchange(
        _ command: String, _ payload: SecretBytes? = nil, upTo end: String? = nil
    ) throws(RuntimeError) -> String {
        let message = try RuntimeMessage(command: command, payload: payload)
        var received: [UInt8] = []
        do throws(UnixConnection.Failure) {
            let connection = try UnixConnection.open(path, deadline: Deadline(after: timeout))
            try connection.write(message.bytes)
            if endsWriting { connection.endWriting() }
            var searched = 0
            while try connection.read(appendingTo: &received), received.count <= Self.longestAnswer {
                guard let end else { continue }
                if let found = received.endIndex(of: end, from: searched) { return text(received[..<found]) }
                searched = max(0, received.count - end.utf8.count)
            }
        } catch {
            throw reason(for: error, command, received: received.count)
        }
        guard received.count <= Self.longestAnswer else {
            throw .endless(socket: path, command: command, limit: Self.longestAnswer)
        }
        guard !received.isEmpty else { throw .closed(socket: path, command: command) }
        // An empty line ends every answer; a list of nothing is that line alone.
        guard received.suffix(2).elementsEqual([0x0a, 0x0a]) || received == [0x0a] else {
            throw .cutOff(socket: path, command: command, received: received.count)
        }
        return text(received[...])
    }

    private func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    private func reason(for failure: UnixConnection.Failure, _ command: String, received: Int) -> RuntimeError {
        switch failure {
        case .unusablePath: .unusablePath(socket: path)
        case .timedOut: .silent(socket: path, command: command, after: timeout, received: received)
        case .system(.noSuchFileOrDirectory), .system(.notDirectory): .absent(socket: path)
        case .system(.connectionRefused): .refused(socket: path)
        case .system(.permissionDenied), .system(.notPermitted): .forbidden(socket: path)
        case .system(let reason): .failed(socket: path, reason: reason)
        }
    }
}

extension [UInt8] {
    /// Where the first `text` that begins at or after `start` ends.
    fileprivate func endIndex(of text: String, from start: Int) -> Int? {
        let length = text.utf8.count
        guard count - length >= start else { return nil }
        return (start...(count - length)).first { self[$0..<($0 + length)].elementsEqual(text.utf8) }.map {
            $0 + length
        }
    }
}
