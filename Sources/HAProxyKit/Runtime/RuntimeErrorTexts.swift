internal import CertKit

extension RuntimeError {
    /// What is wrong and where.
    public var description: String {
        switch self {
        case .absent(let socket): "\(socket): no HAProxy socket there"
        case .refused(let socket): "\(socket): HAProxy does not listen on it"
        case .forbidden(let socket): "\(socket): permission denied"
        case .unusablePath(let socket): "\(socket): no path of a Unix socket (1 to 107 bytes)"
        case .failed(let socket, let reason): "\(socket): \(reason)"
        case .silent(let socket, let command, let time, let received):
            "\(socket): no whole answer to '\(command)' within \(time) (\(received) bytes came)"
        case .closed(let socket, let command): "\(socket): HAProxy closed without an answer to '\(command)'"
        case .cutOff(let socket, let command, let received):
            "\(socket): the answer to '\(command)' broke off after \(received) bytes"
        case .endless(let socket, let command, let limit):
            "\(socket): the answer to '\(command)' is longer than \(limit) bytes"
        case .unspeakable(let word): "'\(word.printable)' cannot be said to HAProxy as one word"
        case .notUpdatable(let name): "\(name): HAProxy updates certificates, not files with this ending"
        case .unsendable(let command, let line):
            "line \(line) of the PEM text for '\(command)' is empty or holds other than printable characters"
        case .tooLarge(let name, let size, let limit, let version):
            "\(name): \(size) bytes are more than the \(limit) that HAProxy \(version) can take while it runs"
        case .tooOld(let socket, let version):
            "\(socket): HAProxy \(version) cannot change certificates while it runs (2.2 and later can)"
        case .levelTooLow(let socket, let command): "\(socket): the socket's level does not allow '\(command)'"
        case .unknownName(let name, let socket): "\(socket): HAProxy has loaded no certificate named \(name)"
        case .alreadyExists(let name, let socket): "\(socket): HAProxy already has a certificate named \(name)"
        case .foreignTransaction(let name, let wanted, let socket):
            "\(socket): another client's transaction for \(name.asName) is in the way of \(wanted)"
        case .transactionLost(let name, let socket):
            "\(socket): the transaction for \(name) was gone before it could be committed"
        case .locked(let socket): "\(socket): HAProxy is busy with another change of certificates"
        case .rejected(let name, let answer, let socket): "\(socket): HAProxy refused \(name): \(answer)"
        case .notListed(let name, let crtList, let answer, let socket):
            "\(socket): HAProxy did not add \(name) to \(crtList): \(answer)"
        case .notUnderstood(let socket, let command, let answer):
            "\(socket): unexpected answer to '\(command)': \(answer)"
        }
    }

    /// What an operator can do about it, naming a command.
    public var remedy: String {
        switch self {
        case .absent, .refused:
            "see 'systemctl status haproxy'; haproxy.cfg needs 'stats socket \(location ?? "PATH") level admin'"
        case .forbidden(let socket):
            "let the group in: 'stats socket \(socket) mode 660 group haproxy level admin' in haproxy.cfg, and "
                + "'usermod -aG haproxy USER'"
        case .unusablePath: "give 'stats socket' in haproxy.cfg a shorter path, and the same one in certd.toml"
        case .failed: "see 'systemctl status haproxy' and 'journalctl -u haproxy'"
        case .silent, .closed, .cutOff:
            "see 'systemctl status haproxy' and 'journalctl -u haproxy': HAProxy is overloaded, stopped or was restarted"
        case .endless, .notUnderstood:
            "check with 'socat - UNIX-CONNECT:\(location ?? "PATH")' that HAProxy's Runtime API answers there"
        case .unspeakable:
            "use a name without blanks, ';', '<<', '\\', '*' in front and control characters in haproxy.cfg"
        case .notUpdatable: "name the file that HAProxy loads with 'crt', see 'show ssl cert'"
        case .unsendable: "deploy the canonical text that 'certd build' writes"
        case .tooLarge: "write the bundle with 'certd build' and reload with 'systemctl reload haproxy'"
        case .tooOld: "reload after each renewal with 'systemctl reload haproxy', or install HAProxy 2.2 or later"
        case .levelTooLow(let socket, _):
            "write 'stats socket \(socket) mode 660 group haproxy level admin' in haproxy.cfg and restart HAProxy"
        case .unknownName(let name, let socket):
            "compare with 'echo \"show ssl cert\" | socat - UNIX-CONNECT:\(socket)': the name must equal what haproxy.cfg "
                + "loads, byte by byte (\(name))"
        case .alreadyExists: "deploy to the name instead of adding it, see 'show ssl cert'"
        case .foreignTransaction(let name, _, let socket):
            "wait for the other client, or end its transaction with "
                + "'echo \"abort ssl cert \(name.asName)\" | socat - UNIX-CONNECT:\(socket)'"
        case .transactionLost: "HAProxy was restarted or another client interfered: run 'certd deploy' again"
        case .locked: "run 'certd deploy' again"
        case .rejected: "the certificate in use stays; see what is wrong with the new one with 'certd check'"
        case .notListed(_, let crtList, _, let socket):
            "compare \(crtList) with 'echo \"show ssl crt-list\" | socat - UNIX-CONNECT:\(socket)'"
        }
    }
}

extension String {
    /// What HAProxy gave as a name, if it is one word, as its commands take it: in a garbled answer anything may stand there,
    /// a line of a key too.
    fileprivate var asName: String { utf8.contains { [0x20, 0x22, 0x27].contains($0) } ? "…" : printable }
}
