internal import COpenSSL

extension Certificate {
    /// Whether this CA's name constraints forbid a name of `leaf` (RFC 5280, 4.2.1.10), in libcrypto's judgement, which
    /// is the one that HAProxy's clients on this host share.
    func forbidsNames(of leaf: Certificate) -> Bool {
        guard hasNameConstraints, let issuer = try? X509Handle.parse(der.span),
            let subject = try? X509Handle.parse(leaf.der.span)
        else { return false }
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let found = unsafe X509_get_ext_d2i(issuer.pointer, NID_name_constraints, nil, nil) else { return true }
        let constraints = unsafe found.assumingMemoryBound(to: NAME_CONSTRAINTS.self)
        defer { unsafe NAME_CONSTRAINTS_free(constraints) }
        // The check reads the names that libcrypto keeps beside a certificate once it has looked at the extensions.
        guard unsafe X509_check_purpose(subject.pointer, -1, 0) == 1 else { return true }
        return unsafe NAME_CONSTRAINTS_check(subject.pointer, constraints) != X509_V_OK
    }
}
