extension PublicKey.Kind {
    /// Reads the content of a SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7; RFC 3279, 5480 and 8410).
    init(_ content: Range<Int>, of bytes: Span<UInt8>) throws(DERError) {
        var info = DERCursor(content)
        let algorithm = try AlgorithmIdentifier(try info.element(DERTag.sequence, in: bytes), in: bytes)
        let key = try bytes.wholeBytes(try info.element(DERTag.bitString, in: bytes).content)
        try info.finish()
        switch algorithm.identifier(in: bytes) {
        case ObjectIdentifier.rsaEncryption:
            guard algorithm.parameters?.tag == DERTag.null else {
                throw DERError(.badPublicKey, at: content.lowerBound)
            }
            self = .rsa(bits: try Self.modulusBits(key, of: bytes))
        case ObjectIdentifier.ecPublicKey:
            guard let parameters = algorithm.parameters else { throw DERError(.badPublicKey, at: content.lowerBound) }
            self = .ec(try PublicKey.Curve(parameters, point: key, of: bytes))
        case ObjectIdentifier.ed25519:
            guard algorithm.parameters == nil, key.count == 32 else {
                throw DERError(.badPublicKey, at: key.lowerBound)
            }
            self = .ed25519
        default: self = .other(algorithm.name(in: bytes))
        }
    }

    /// The length of the modulus of an RSAPublicKey.
    private static func modulusBits(_ key: Range<Int>, of bytes: Span<UInt8>) throws(DERError) -> Int {
        var whole = DERCursor(key)
        var numbers = try whole.enter(DERTag.sequence, in: bytes)
        try whole.finish()
        let modulus = try bytes.magnitude(try numbers.element(DERTag.integer, in: bytes).content)
        _ = try bytes.magnitude(try numbers.element(DERTag.integer, in: bytes).content)
        try numbers.finish()
        return modulus.count * 8 - bytes[modulus.lowerBound].leadingZeroBitCount
    }
}

extension PublicKey.Curve {
    /// Reads a curve from the parameters of its algorithm.
    init(_ parameters: DERElement, of bytes: Span<UInt8>) {
        guard parameters.tag == DERTag.objectIdentifier else {
            self = .other("with explicit parameters")
            return
        }
        switch bytes.objectIdentifier(parameters.content) {
        case ObjectIdentifier.p256: self = .p256
        case ObjectIdentifier.p384: self = .p384
        case ObjectIdentifier.p521: self = .p521
        case ObjectIdentifier.secp256k1: self = .other("secp256k1")
        case ObjectIdentifier.sm2: self = .other("SM2")
        default: self = .other(bytes.dottedIdentifier(parameters.content))
        }
    }

    /// Reads a curve and checks the form of a point on it: uncompressed, as every public CA has it.
    fileprivate init(_ parameters: DERElement, point: Range<Int>, of bytes: Span<UInt8>) throws(DERError) {
        self.init(parameters, of: bytes)
        guard let size = fieldSize else { return }
        guard point.count == 2 * size + 1, bytes[point.lowerBound] == 4 else {
            throw DERError(.badPublicKey, at: point.lowerBound)
        }
    }

    /// The bytes of a coordinate; nil for a curve that certd does not know.
    var fieldSize: Int? {
        switch self {
        case .p256: 32
        case .p384: 48
        case .p521: 66
        case .other: nil
        }
    }
}

/// An algorithm and its parameters (RFC 5280, section 4.1.1.2).
struct AlgorithmIdentifier {
    let algorithm: Range<Int>
    let parameters: DERElement?

    /// Reads one; its parameters are absent, NULL, an identifier or a sequence, as they are for every known algorithm.
    init(_ element: DERElement, in bytes: Span<UInt8>) throws(DERError) {
        var cursor = DERCursor(element.content)
        algorithm = try cursor.element(DERTag.objectIdentifier, in: bytes).content
        try bytes.checkObjectIdentifier(algorithm)
        parameters = cursor.isAtEnd ? nil : try cursor.element(in: bytes)
        try cursor.finish()
        guard let parameters else { return }
        switch parameters.tag {
        case DERTag.null where parameters.content.isEmpty, DERTag.sequence: break
        case DERTag.objectIdentifier: try bytes.checkObjectIdentifier(parameters.content)
        default: throw DERError(.unexpectedElement, at: parameters.whole.lowerBound)
        }
    }

    func identifier(in bytes: Span<UInt8>) -> UInt128 { bytes.objectIdentifier(algorithm) }

    /// The name of an algorithm that certd does not deploy, else its identifier.
    func name(in bytes: Span<UInt8>) -> String {
        switch identifier(in: bytes) {
        case ObjectIdentifier.dsa: "DSA"
        case ObjectIdentifier.ed448: "Ed448"
        case ObjectIdentifier.x25519: "X25519"
        case ObjectIdentifier.x448: "X448"
        case ObjectIdentifier.rsaPSS: "RSA-PSS"
        case ObjectIdentifier.diffieHellman: "DH"
        case ObjectIdentifier.sm2: "SM2"
        default: bytes.dottedIdentifier(algorithm)
        }
    }
}
