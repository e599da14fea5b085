/// The public half of a key, as a certificate carries it: two are the same key when their DER is the same.
public struct PublicKey: Sendable {
    /// The DER of the SubjectPublicKeyInfo, shared with the certificate it came from.
    let bytes: ArraySlice<UInt8>
    /// The algorithm and its size.
    public let kind: Kind

    /// The algorithm of a key, and what tells its strength.
    public enum Kind: Sendable, Hashable {
        /// RSA with a modulus of so many bits.
        case rsa(bits: Int)
        /// A curve of the Weierstrass kind.
        case ec(Curve)
        /// Ed25519.
        case ed25519
        /// Whatever else, by its name where it has one here, else by its identifier.
        case other(String)
    }

    /// A named curve.
    public enum Curve: Sendable, Hashable {
        /// secp256r1.
        case p256
        /// secp384r1.
        case p384
        /// secp521r1.
        case p521
        /// Whatever else, by its name where it has one here, else by its identifier.
        case other(String)
    }

    /// A key whose DER has been checked.
    init(checked bytes: ArraySlice<UInt8>, kind: Kind) {
        self.bytes = bytes
        self.kind = kind
    }

    /// Reads the whole of `spki`.
    init(spki: [UInt8]) throws(DERError) {
        var cursor = DERCursor(0..<spki.count)
        let element = try cursor.element(DERTag.sequence, in: spki.span)
        try cursor.finish()
        self.init(checked: ArraySlice(spki), kind: try Kind(element.content, of: spki.span))
    }

    /// The DER of the SubjectPublicKeyInfo.
    public var spki: [UInt8] { Array(bytes) }

    /// The public exponent of an RSA key; nil for other keys, and for one over 56 bits.
    public var rsaExponent: Int? {
        guard case .rsa = kind else { return nil }
        var whole = DERCursor(0..<bytes.count)
        guard var key = try? whole.enter(DERTag.sequence, in: bytes.span), (try? key.element(in: bytes.span)) != nil,
            let bits = try? key.element(in: bytes.span)
        else { return nil }
        var content = DERCursor(bits.content.dropFirst())
        guard var numbers = try? content.enter(DERTag.sequence, in: bytes.span),
            (try? numbers.element(in: bytes.span)) != nil, let exponent = try? numbers.element(in: bytes.span)
        else { return nil }
        return try? bytes.span.smallInteger(exponent.content)
    }
}

extension PublicKey: Hashable, CustomStringConvertible {
    /// Compares the DER.
    public static func == (left: Self, right: Self) -> Bool {
        left.bytes.span.equals(0..<left.bytes.count, right.bytes.span, 0..<right.bytes.count)
    }

    /// Hashes the end of the DER, where keys differ.
    public func hash(into hasher: inout Hasher) { bytes.span.hashEnd(into: &hasher) }

    /// Such as `EC P-256` or `RSA 2048`.
    public var description: String { kind.description }
}

extension PublicKey.Kind: CustomStringConvertible {
    /// Such as `EC P-256` or `RSA 2048`.
    public var description: String {
        switch self {
        case .rsa(let bits): "RSA \(bits)"
        case .ec(.p256): "EC P-256"
        case .ec(.p384): "EC P-384"
        case .ec(.p521): "EC P-521"
        case .ec(.other(let name)): "EC \(name)"
        case .ed25519: "Ed25519"
        case .other(let name): name
        }
    }
}
