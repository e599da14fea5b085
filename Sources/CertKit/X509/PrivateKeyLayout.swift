/// Where the parts of a private key stand in its DER, found in one strict walk.
enum PrivateKeyLayout {
    /// RFC 8017: modulus and public exponent, each a whole element, and the bytes of the two primes.
    case rsa(modulus: DERElement, exponent: DERElement, primes: (Range<Int>, Range<Int>))
    /// RFC 5915: the curve's identifier as a whole element, the scalar's bytes, the point if the file has it.
    case ec(curve: DERElement, scalar: Range<Int>, point: Range<Int>?)
    /// RFC 8410: the 32 bytes.
    case ed25519(Range<Int>)
    /// Another algorithm, by name.
    case other(String)

    init(_ bytes: Span<UInt8>, format: PrivateKey.Format) throws(DERError) {
        let everything = 0..<bytes.count
        switch format {
        case .pkcs8: self = try Self.pkcs8(everything, of: bytes)
        case .pkcs1: self = try Self.rsa(everything, of: bytes)
        case .sec1: self = try Self.ec(everything, curve: nil, of: bytes)
        }
    }

    private static func pkcs8(_ range: Range<Int>, of bytes: Span<UInt8>) throws(DERError) -> Self {
        var whole = DERCursor(range)
        var parts = try whole.enter(DERTag.sequence, in: bytes)
        try whole.finish()
        // Version 2 adds the public half, and libcrypto 3.0 does not read it.
        try checkVersion(0, &parts, in: bytes)
        let algorithm = try AlgorithmIdentifier(try parts.element(DERTag.sequence, in: bytes), in: bytes)
        let key = try parts.element(DERTag.octetString, in: bytes).content
        _ = try parts.optional(DERTag.constructed(0), in: bytes)
        try parts.finish()
        switch algorithm.identifier(in: bytes) {
        case ObjectIdentifier.rsaEncryption: return try rsa(key, of: bytes)
        case ObjectIdentifier.ecPublicKey: return try ec(key, curve: algorithm.parameters, of: bytes)
        case ObjectIdentifier.ed25519:
            var inner = DERCursor(key)
            let seed = try inner.element(DERTag.octetString, in: bytes).content
            try inner.finish()
            guard seed.count == 32, algorithm.parameters == nil else {
                throw DERError(.badPrivateKey, at: key.lowerBound)
            }
            return .ed25519(seed)
        default: return .other(algorithm.name(in: bytes))
        }
    }

    private static func rsa(_ range: Range<Int>, of bytes: Span<UInt8>) throws(DERError) -> Self {
        var whole = DERCursor(range)
        var numbers = try whole.enter(DERTag.sequence, in: bytes)
        try whole.finish()
        try checkVersion(0, &numbers, in: bytes)
        let modulus = try number(&numbers, in: bytes)
        let exponent = try number(&numbers, in: bytes)
        _ = try number(&numbers, in: bytes)
        let first = try number(&numbers, in: bytes)
        let second = try number(&numbers, in: bytes)
        for _ in 0..<3 { _ = try number(&numbers, in: bytes) }
        try numbers.finish()
        return .rsa(modulus: modulus, exponent: exponent, primes: (first.content, second.content))
    }

    private static func ec(
        _ range: Range<Int>, curve outer: DERElement?, of bytes: Span<UInt8>
    ) throws(DERError) -> Self {
        var whole = DERCursor(range)
        var parts = try whole.enter(DERTag.sequence, in: bytes)
        try whole.finish()
        try checkVersion(1, &parts, in: bytes)
        let scalar = try parts.element(DERTag.octetString, in: bytes).content
        var curve = outer
        if let wrapper = try parts.optional(DERTag.constructed(0), in: bytes) {
            var inner = DERCursor(wrapper.content)
            let named = try inner.element(in: bytes)
            try inner.finish()
            guard outer.map({ bytes.equals($0.whole, bytes, named.whole) }) ?? true else {
                throw DERError(.badPrivateKey, at: named.whole.lowerBound)
            }
            curve = named
        }
        var point: Range<Int>?
        if let wrapper = try parts.optional(DERTag.constructed(1), in: bytes) {
            var inner = DERCursor(wrapper.content)
            point = try bytes.wholeBytes(try inner.element(DERTag.bitString, in: bytes).content)
            try inner.finish()
        }
        try parts.finish()
        guard let curve, curve.tag == DERTag.objectIdentifier else {
            throw DERError(.badPrivateKey, at: range.lowerBound)
        }
        try bytes.checkObjectIdentifier(curve.content)
        return .ec(curve: curve, scalar: scalar, point: point)
    }

    private static func checkVersion(
        _ version: Int, _ parts: inout DERCursor, in bytes: Span<UInt8>
    ) throws(DERError) {
        let element = try parts.element(DERTag.integer, in: bytes)
        guard try bytes.smallInteger(element.content) == version else {
            throw DERError(.badVersion, at: element.whole.lowerBound)
        }
    }

    private static func number(_ numbers: inout DERCursor, in bytes: Span<UInt8>) throws(DERError) -> DERElement {
        let element = try numbers.element(DERTag.integer, in: bytes)
        // libcrypto takes up to 16,384 bits; beyond, a hostile key would cost seconds to check.
        guard try bytes.magnitude(element.content).count <= 2048 else {
            throw DERError(.badInteger, at: element.whole.lowerBound)
        }
        return element
    }
}
