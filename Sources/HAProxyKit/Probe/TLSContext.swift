internal import COpenSSL

/// Sole owner of an `SSL_CTX *`, which all probes for one kind of key share.
///
/// `@unchecked Sendable`: SSL_CTX_new(3) allows use by several threads as long as nobody changes the context after it
/// has been used to create an SSL object. It is changed only inside `init`, before anybody else can hold a reference,
/// and the pointer is lent to `SSL_new` alone, which counts references atomically; it is never freed while shared.
@safe final class TLSContext: @unchecked Sendable {
    /// What a server may send as certificates, in bytes: about sixty of them, far from what a handshake should carry.
    static let maximumCertificateBytes = 100 << 10

    private let pointer: OpaquePointer

    /// Each made by the first probe for its kind of key (0.8 times the cost of starting `openssl version`), then kept.
    private static let whatever = Result { () throws(TLSFailure) in try TLSContext(for: .any) }
    private static let rsa = Result { () throws(TLSFailure) in try TLSContext(for: .rsa) }
    private static let ecdsa = Result { () throws(TLSFailure) in try TLSContext(for: .ecdsa) }

    /// The one for servers whose certificate has this kind of key.
    static func shared(for algorithm: ProbeTarget.Algorithm) throws(TLSFailure) -> TLSContext {
        switch algorithm {
        case .any: try whatever.get()
        case .rsa: try rsa.get()
        case .ecdsa: try ecdsa.get()
        }
    }

    private init(for algorithm: ProbeTarget.Algorithm) throws(TLSFailure) {
        ERR_clear_error()
        guard let context = unsafe SSL_CTX_new(TLS_client_method()) else { throw .taken() }
        unsafe pointer = context
        // A certificate is looked at, not trusted: whatever is served must be seen, also where it is weak or expired.
        unsafe certd_ssl_ctx_judge_no_certificates(context)
        guard unsafe certd_ssl_ctx_set_min_proto_version(context, TLS1_2_VERSION) == 1 else { throw .taken() }
        _ = unsafe certd_ssl_ctx_set_max_cert_list(context, Self.maximumCertificateBytes)
        try restrict(to: algorithm)
    }

    /// Leaves the server no choice but a certificate with this kind of key.
    ///
    /// TLS 1.3 goes by the signature algorithms alone; in TLS 1.2 the cipher suite decides too (RFC 5246 section 7.4.2),
    /// although servers made with OpenSSL do not need to be told twice.
    private func restrict(to algorithm: ProbeTarget.Algorithm) throws(TLSFailure) {
        let signatures: String
        let ciphers: String
        switch algorithm {
        case .any: return
        case .rsa:
            signatures =
                "rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:"
                + "rsa_pss_pss_sha256:rsa_pss_pss_sha384:rsa_pss_pss_sha512:RSA+SHA256:RSA+SHA384:RSA+SHA512"
            ciphers = "aRSA:!eNULL"
        case .ecdsa:
            signatures = "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512"
            ciphers = "aECDSA:!eNULL"
        }
        guard unsafe certd_ssl_ctx_set_signature_algorithms(pointer, signatures) == 1,
            unsafe SSL_CTX_set_cipher_list(pointer, ciphers) == 1
        else { throw .taken() }
    }

    deinit { unsafe SSL_CTX_free(pointer) }

    /// Makes a connection's state, the caller's to free.
    func makeConnection() throws(TLSFailure) -> OpaquePointer {
        ERR_clear_error()
        guard let connection = unsafe SSL_new(pointer) else { throw .taken() }
        return unsafe connection
    }
}
