internal import COpenSSL

/// A certificate whose names libcrypto decodes when the first constraint is held against them, and once for all of them.
///
/// Few authorities have constraints, and decoding takes longer than all other rules together.
final class NamedCertificate {
    let certificate: Certificate
    private lazy var decoded = Decoded(certificate)

    private final class Decoded {
        let handle: X509Handle
        let hasReadableNames: Bool

        init?(_ certificate: Certificate) {
            guard let handle = try? X509Handle.parse(certificate.der.span) else { return nil }
            // The check reads the names that libcrypto keeps beside a certificate once it has looked at the extensions.
            hasReadableNames = unsafe X509_check_purpose(handle.pointer, -1, 0) == 1
            self.handle = handle
            ERR_clear_error()
        }
    }

    init(_ certificate: Certificate) { self.certificate = certificate }

    /// Whether the constraints forbid one of the names; what libcrypto cannot read is forbidden.
    @unsafe fileprivate func isForbidden(by constraints: UnsafeMutablePointer<NAME_CONSTRAINTS>) -> Bool {
        guard let decoded else { return false }
        guard decoded.hasReadableNames else { return true }
        return unsafe NAME_CONSTRAINTS_check(decoded.handle.pointer, constraints) != X509_V_OK
    }
}

extension Certificate {
    /// The first of `subjects` of which this CA's name constraints forbid a name (RFC 5280, 4.2.1.10), in libcrypto's
    /// judgement, which is the one that HAProxy's clients on this host share.
    func forbidden(among subjects: [NamedCertificate]) -> Certificate? {
        guard hasNameConstraints, let issuer = try? X509Handle.parse(der.span) else { return nil }
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let found = unsafe X509_get_ext_d2i(issuer.pointer, NID_name_constraints, nil, nil) else {
            return subjects.first?.certificate
        }
        let constraints = unsafe found.assumingMemoryBound(to: NAME_CONSTRAINTS.self)
        defer { unsafe NAME_CONSTRAINTS_free(constraints) }
        return subjects.first { unsafe $0.isForbidden(by: constraints) }?.certificate
    }
}
