internal import COpenSSL

/// A call of libcrypto that failed, in its own words.
public struct CryptoError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was being done, such as `parsing a certificate`.
    public let action: String
    /// What libcrypto's error queue gave as the first reason; it names functions and reasons, never the bytes.
    public let reason: String

    /// Such as `parsing a certificate: wrong tag`.
    public var description: String { reason.isEmpty ? action : "\(action): \(reason)" }

    /// Bytes that follow where the end should be.
    static func leftover(after what: String) -> CryptoError {
        CryptoError(action: "parsing \(what)", reason: "bytes are left over")
    }

    /// Takes the first reason from this thread's error queue, and empties it.
    ///
    /// The queue was cleared before the call that failed, and no `await` stands in between.
    static func taken(during action: String) -> CryptoError {
        defer { ERR_clear_error() }
        let code = ERR_peek_error()
        guard code != 0, let text = unsafe ERR_reason_error_string(code) else {
            return CryptoError(action: action, reason: "")
        }
        return CryptoError(action: action, reason: unsafe String(cString: text))
    }
}
