/// How a certificate was signed.
public enum SignatureAlgorithm: Sendable, Hashable {
    /// RSA, PKCS#1 version 1.5.
    case rsa(Hash)
    /// ECDSA.
    case ecdsa(Hash)
    /// Ed25519, which brings its own digest.
    case ed25519
    /// Whatever else, by its name where it has one here, else by its identifier.
    case other(String)

    /// The digest that was signed.
    public enum Hash: String, Sendable, Hashable {
        /// Broken.
        case md5 = "MD5"
        /// Broken.
        case sha1 = "SHA-1"
        /// Rare.
        case sha224 = "SHA-224"
        /// What most certificates use.
        case sha256 = "SHA-256"
        /// Goes with P-384.
        case sha384 = "SHA-384"
        /// Goes with P-521.
        case sha512 = "SHA-512"
    }

    /// Whether it rests on MD5 or SHA-1, for which collisions can be bought.
    public var isWeak: Bool {
        switch self {
        case .rsa(.md5), .rsa(.sha1), .ecdsa(.sha1), .ecdsa(.md5): true
        case .rsa, .ecdsa, .ed25519, .other: false
        }
    }

    init(_ algorithm: AlgorithmIdentifier, in bytes: Span<UInt8>) {
        switch algorithm.identifier(in: bytes) {
        case 0x1_2a86_4886_f70d_0101_04: self = .rsa(.md5)
        case 0x1_2a86_4886_f70d_0101_05: self = .rsa(.sha1)
        case 0x1_2a86_4886_f70d_0101_0e: self = .rsa(.sha224)
        case 0x1_2a86_4886_f70d_0101_0b: self = .rsa(.sha256)
        case 0x1_2a86_4886_f70d_0101_0c: self = .rsa(.sha384)
        case 0x1_2a86_4886_f70d_0101_0d: self = .rsa(.sha512)
        case 0x1_2a86_48ce_3d04_01: self = .ecdsa(.sha1)
        case 0x1_2a86_48ce_3d04_0301: self = .ecdsa(.sha224)
        case 0x1_2a86_48ce_3d04_0302: self = .ecdsa(.sha256)
        case 0x1_2a86_48ce_3d04_0303: self = .ecdsa(.sha384)
        case 0x1_2a86_48ce_3d04_0304: self = .ecdsa(.sha512)
        case ObjectIdentifier.ed25519: self = .ed25519
        default: self = .other(algorithm.name(in: bytes))
        }
    }
}

extension SignatureAlgorithm: CustomStringConvertible {
    /// Such as `ECDSA with SHA-384`.
    public var description: String {
        switch self {
        case .rsa(let hash): "RSA with \(hash.rawValue)"
        case .ecdsa(let hash): "ECDSA with \(hash.rawValue)"
        case .ed25519: "Ed25519"
        case .other(let name): name
        }
    }
}
