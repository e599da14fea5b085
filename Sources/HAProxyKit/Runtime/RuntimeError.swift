public import CertKit
public import SystemPackage

/// What can go wrong with the Runtime API: on the way to HAProxy, before a byte is sent, or by HAProxy's answer.
///
/// No case carries a payload; answers are redacted, since HAProxy 3.x quotes words that it rejects.
@nonexhaustive
public enum RuntimeError: Diagnosis, Equatable {
    // On the way
    /// There is no socket at the path.
    case absent(socket: String)
    /// Nobody listens on the socket.
    case refused(socket: String)
    /// This user may not open the socket.
    case forbidden(socket: String)
    /// The path does not fit into a Unix socket's address, or is empty.
    case unusablePath(socket: String)
    /// The operating system failed for another reason.
    case failed(socket: String, reason: Errno)
    /// No complete answer within the time; `received` bytes of one had come.
    case silent(socket: String, command: String, after: Duration, received: Int)
    /// The connection was closed without a byte.
    case closed(socket: String, command: String)
    /// The connection was closed after `received` bytes, in the middle of an answer.
    case cutOff(socket: String, command: String, received: Int)
    /// The answer goes beyond `limit` bytes.
    case endless(socket: String, command: String, limit: Int)

    // Before a byte is sent
    /// HAProxy would not take the text as one word, or would take it for a command or a transaction.
    case unspeakable(word: String)
    /// Names ending in `.key`, `.ocsp`, `.issuer` and `.sctl` cannot be updated.
    case notUpdatable(name: String)
    /// The payload is empty, or holds at this line what HAProxy would take for its end or for a command.
    case unsendable(command: String, line: Int)
    /// Command and payload exceed what this HAProxy can take.
    case tooLarge(name: String, size: Int, limit: Int, version: HAProxyVersion)
    /// This HAProxy cannot change certificates.
    case tooOld(socket: String, version: HAProxyVersion)

    // By HAProxy's answer
    /// The socket's level does not allow the command.
    case levelTooLow(socket: String, command: String)
    /// HAProxy has loaded no certificate of this name.
    case unknownName(String, socket: String)
    /// HAProxy already has a certificate of this name.
    case alreadyExists(String, socket: String)
    /// Somebody else's certificate transaction, about `name`, is or was in the way of `wanted`.
    case foreignTransaction(name: String, wanted: String, socket: String)
    /// The transaction was gone before it was committed.
    case transactionLost(name: String, socket: String)
    /// HAProxy is busy with another change of certificates.
    case locked(socket: String)
    /// HAProxy does not accept the certificate.
    case rejected(name: String, answer: String, socket: String)
    /// HAProxy does not list the certificate in the crt-list or directory.
    case notListed(name: String, crtList: String, answer: String, socket: String)
    /// The answer is none that is known.
    case notUnderstood(socket: String, command: String, answer: String)
}

extension RuntimeError {
    /// Whether HAProxy is down as far as this socket tells: it is absent, or nobody listens on it.
    public var isDown: Bool {
        switch self {
        case .absent, .refused: true
        default: false
        }
    }

    /// The rule of the catalogue this error falls under.
    public var findingID: FindingID {
        switch self {
        case .absent, .refused, .forbidden, .unusablePath, .failed, .silent, .closed, .cutOff, .endless, .levelTooLow,
            .notUnderstood:
            .haproxyUnreachable
        case .unknownName: .memoryMissing
        case .foreignTransaction: .transactionOpen
        case .unspeakable, .notUpdatable, .unsendable, .tooLarge, .tooOld, .alreadyExists, .transactionLost, .locked,
            .rejected, .notListed:
            .deployFailed
        }
    }

    /// The socket, or HAProxy's name of the certificate.
    public var location: String? {
        switch self {
        case .absent(let socket), .refused(let socket), .forbidden(let socket), .unusablePath(let socket),
            .failed(let socket, _), .silent(let socket, _, _, _), .closed(let socket, _), .cutOff(let socket, _, _),
            .endless(let socket, _, _), .tooOld(let socket, _), .levelTooLow(let socket, _), .locked(let socket),
            .foreignTransaction(_, _, let socket), .notUnderstood(let socket, _, _):
            socket
        case .notUpdatable(let name), .tooLarge(let name, _, _, _), .unknownName(let name, _),
            .alreadyExists(let name, _), .transactionLost(let name, _), .rejected(let name, _, _),
            .notListed(let name, _, _, _):
            name
        case .unspeakable, .unsendable: nil
        }
    }
}
