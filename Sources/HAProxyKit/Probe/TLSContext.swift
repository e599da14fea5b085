internal import COpenSSL

/// Sole owner of the one `SSL_CTX *` that all probes share.
///
/// `@unchecked Sendable`: SSL_CTX_new(3) allows use by several threads as long as nobody changes the context after it
/// has been used to create an SSL object. It is changed only inside `init`, before anybody else can hold a reference,
/// and the pointer is lent to `SSL_new` alone, which counts references atomically; it is never freed while shared.
@safe final class TLSContext: @unchecked Sendable {
    /// What a server may send as certificates, in bytes: about sixty of them, far from what a handshake should carry.
    static let maximumCertificateBytes = 100 << 10

    private let pointer: OpaquePointer

    /// Made by the first probe (0.8 times the cost of starting `openssl version`), then kept.
    static let shared = Result { () throws(TLSFailure) in try TLSContext() }

    private init() throws(TLSFailure) {
        ERR_clear_error()
        guard let context = unsafe SSL_CTX_new(TLS_client_method()) else { throw .taken() }
        unsafe pointer = context
        // A certificate is looked at, not trusted: whatever is served must be seen, also where it is weak or expired.
        unsafe certd_ssl_ctx_judge_no_certificates(context)
        guard unsafe certd_ssl_ctx_set_min_proto_version(context, TLS1_2_VERSION) == 1 else { throw .taken() }
        _ = unsafe certd_ssl_ctx_set_max_cert_list(context, Self.maximumCertificateBytes)
    }

    deinit { unsafe SSL_CTX_free(pointer) }

    /// Makes a connection's state, the caller's to free.
    func makeConnection() throws(TLSFailure) -> OpaquePointer {
        ERR_clear_error()
        guard let connection = unsafe SSL_new(pointer) else { throw .taken() }
        return unsafe connection
    }
}
