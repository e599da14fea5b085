internal import COpenSSL

/// Why libssl gave up, in its own terms: it knows no address.
enum TLSFailure: Error {
    /// The peer sent a fatal alert of this name.
    case alert(String)
    /// The peer sends more certificates than we take.
    case chainTooLarge
    /// The name cannot stand in a handshake.
    case unusableServerName
    /// Anything else, in libssl's words.
    case other(String)

    /// Takes the failure of the call just made from this thread's error queue, which that call found empty.
    static func taken() -> TLSFailure {
        let code = ERR_peek_last_error()
        let reason = ERR_GET_REASON(code)
        // A peer's alert is filed under a reason that is its number plus an offset (SSL_AD_REASON_OFFSET).
        if ERR_GET_LIB(code) == ERR_LIB_SSL, (1000..<1256).contains(reason) {
            return unsafe .alert(String(cString: SSL_alert_desc_string_long(reason - SSL_AD_REASON_OFFSET)))
        }
        if reason == SSL_R_EXCESSIVE_MESSAGE_SIZE { return .chainTooLarge }
        guard let text = unsafe ERR_reason_error_string(code) else { return .other("libssl gives no reason") }
        return unsafe .other(String(cString: text))
    }
}
