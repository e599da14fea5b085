/// Why a private key is not one that certd deploys; holds nothing of the key.
@nonexhaustive
public enum PrivateKeyError: Diagnosis, Equatable {
    /// A rule of DER or of the key's structure is broken.
    case malformed(DERFault)
    /// A kind of key that is not deployed, by name.
    case typeRefused(String)
    /// The public half in the file is not that of the private one.
    case halvesDiffer
    /// libcrypto, which HAProxy uses too, does not take it.
    case refusedByLibcrypto(CryptoError)
}

extension PrivateKeyError {
    /// The rule of the catalogue this error falls under.
    public var findingID: FindingID {
        switch self {
        case .typeRefused: .keyTypeRefused
        case .malformed, .halvesDiffer, .refusedByLibcrypto: .pemUnreadable
        }
    }

    /// What is wrong.
    public var description: String {
        switch self {
        case .malformed(let fault): "not a private key: \(fault.rawValue)"
        case .typeRefused(let type): "a private key of type \(type) is not deployed"
        case .halvesDiffer: "the public half within the private key is that of another key"
        case .refusedByLibcrypto(let error): "not a private key that HAProxy can load: \(error)"
        }
    }

    /// What an operator can do about it.
    public var remedy: String {
        "issue the certificate anew with a sound key: certbot renew --force-renewal --key-type ecdsa --cert-name NAME"
    }
}
