/// Why bytes are not a certificate that certd deploys.
@nonexhaustive
public enum CertificateError: Diagnosis, Equatable {
    /// A rule of DER or of X.509 is broken at this byte.
    case malformed(DERFault, offset: Int)
    /// libcrypto, which HAProxy uses too, does not take it.
    case refusedByLibcrypto(CryptoError)

    init(_ error: DERError) { self = .malformed(error.fault, offset: error.offset) }
}

extension CertificateError {
    /// The rule of the catalogue this error falls under.
    public var findingID: FindingID { .pemUnreadable }

    /// What is wrong and at which byte of the DER.
    public var description: String {
        switch self {
        case .malformed(let fault, let offset): "not a certificate: \(fault.rawValue) (byte \(offset) of the DER)"
        case .refusedByLibcrypto(let error): "not a certificate that HAProxy can load: \(error)"
        }
    }

    /// What an operator can do about it.
    public var remedy: String {
        "use the file as issued, or issue it anew: certbot renew --force-renewal --cert-name NAME"
    }
}
