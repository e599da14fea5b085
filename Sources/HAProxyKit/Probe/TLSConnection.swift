internal import COpenSSL

/// Sole owner of one `SSL *`: the client's side of one handshake, which reads and writes memory only.
///
/// The socket stays outside, so that it is written with MSG_NOSIGNAL: libssl's own socket BIO would raise SIGPIPE.
@safe struct TLSConnection: ~Copyable {
    private let ssl: OpaquePointer
    /// Memory BIOs that `ssl` owns: what came from the peer, and what goes to it.
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer

    /// What a step of the handshake needs next, after ``takeOutput()`` has been sent.
    enum Progress {
        case needsInput
        case complete
    }

    init(in context: TLSContext) throws(TLSFailure) {
        let ssl = try unsafe context.makeConnection()
        guard let incoming = unsafe BIO_new(BIO_s_mem()) else {
            unsafe SSL_free(ssl)
            throw .taken()
        }
        guard let outgoing = unsafe BIO_new(BIO_s_mem()) else {
            unsafe BIO_free(incoming)
            unsafe SSL_free(ssl)
            throw .taken()
        }
        unsafe SSL_set_bio(ssl, incoming, outgoing)
        unsafe SSL_set_connect_state(ssl)
        unsafe self.ssl = ssl
        unsafe self.incoming = incoming
        unsafe self.outgoing = outgoing
    }

    deinit { unsafe SSL_free(ssl) }

    /// Sends `name` as server name indication.
    func setServerName(_ name: String) throws(TLSFailure) {
        // Names come from certificates too: a zero byte would end one early, and what is not ASCII is none (RFC 6066
        // section 3).
        guard HostName.isPlain(name) else { throw .unusableServerName }
        ERR_clear_error()
        guard unsafe certd_ssl_set_host_name(ssl, name) == 1 else { throw .unusableServerName }
    }

    /// Goes on as far as the input allows.
    func handshake() throws(TLSFailure) -> Progress {
        ERR_clear_error()
        let result = unsafe SSL_do_handshake(ssl)
        if result == 1 { return .complete }
        guard unsafe SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ else { throw .taken() }
        return .needsInput
    }

    /// Whether the server of an unfinished handshake has asked for our certificate (seen before TLS 1.3 only).
    var clientCertificateWasRequested: Bool {
        unsafe certd_ssl_requested_client_certificate_types(ssl) > 0
    }

    /// Tells the peer that we are done; the last output is still to be sent.
    func close() {
        unsafe SSL_shutdown(ssl)
        ERR_clear_error()
    }

    /// Hands what came from the peer to libssl; a memory BIO takes everything.
    func put(_ input: Span<UInt8>) {
        _ = unsafe input.withUnsafeBytes { unsafe BIO_write(incoming, $0.baseAddress, CInt($0.count)) }
    }

    /// Takes what is to be sent to the peer.
    func takeOutput() -> [UInt8] {
        let pending = unsafe BIO_ctrl_pending(outgoing)
        guard pending > 0 else { return [] }
        return unsafe [UInt8](unsafeUninitializedCapacity: pending) { buffer, count in
            count = max(0, Int(unsafe BIO_read(outgoing, buffer.baseAddress, CInt(pending))))
        }
    }

    /// Copies of the certificates that the peer sent, in its order.
    func peerCertificates() -> [[UInt8]] {
        guard let chain = unsafe SSL_get_peer_cert_chain(ssl) else { return [] }
        return unsafe (0..<OPENSSL_sk_num(chain)).map { index in
            let certificate = unsafe OpaquePointer(OPENSSL_sk_value(chain, index))
            let length = Int(unsafe i2d_X509(certificate, nil))
            return unsafe [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
                var cursor = buffer.baseAddress
                count = Int(unsafe i2d_X509(certificate, &cursor))
            }
        }
    }
}
