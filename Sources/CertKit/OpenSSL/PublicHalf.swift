internal import COpenSSL

/// The public half of a private key, computed by libcrypto from the private one.
///
/// Only the numbers that tell the half are decoded: libcrypto's own key decoder takes thirty times as long, and believes
/// the public half that an EC key's file brings along.
extension PublicKey {
    init(ofPrivateKey layout: PrivateKeyLayout, in bytes: Span<UInt8>) throws(PrivateKeyError) {
        let spki =
            switch layout {
            case .rsa(let modulus, let exponent, let primes):
                try Self.rsa(modulus, exponent, primes, in: bytes)
            case .ec(let curve, let scalar, let point):
                try Self.ec(curve, scalar, point, in: bytes)
            case .ed25519(let seed): try Self.ed25519(bytes.extracting(seed))
            case .other(let type): throw .typeRefused(type)
            }
        do throws(DERError) {
            try self.init(spki: spki)
        } catch {
            throw .malformed(error.fault)
        }
    }

    private static func rsa(
        _ modulus: DERElement, _ exponent: DERElement, _ primes: (Range<Int>, Range<Int>), in bytes: Span<UInt8>
    ) throws(PrivateKeyError) -> [UInt8] {
        let isSound = try libcrypto { () throws(CryptoError) in
            try BigNumber(bytes.extracting(modulus.content))
                .isProduct(of: BigNumber(bytes.extracting(primes.0)), BigNumber(bytes.extracting(primes.1)))
        }
        guard isSound else { throw .halvesDiffer }
        let key = DERWriter.element(DERTag.sequence, bytes.copy(modulus.whole), bytes.copy(exponent.whole))
        return info([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01], parameters: [DERTag.null, 0], key: key)
    }

    private static func ec(
        _ curve: DERElement, _ scalar: Range<Int>, _ point: Range<Int>?, in bytes: Span<UInt8>
    ) throws(PrivateKeyError) -> [UInt8] {
        if bytes.objectIdentifier(curve.content) == ObjectIdentifier.sm2 { throw .typeRefused("SM2") }
        let computed = try libcrypto { () throws(CryptoError) in
            try CurveHandle.named(bytes, curve.content).point(ofScalar: bytes.extracting(scalar))
        }
        guard point.map({ bytes.equals($0, computed.span, 0..<computed.count) }) ?? true else { throw .halvesDiffer }
        return info([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01], parameters: bytes.copy(curve.whole), key: computed)
    }

    private static func ed25519(_ seed: Span<UInt8>) throws(PrivateKeyError) -> [UInt8] {
        let point = try libcrypto { () throws(CryptoError) in try ed25519Point(seed) }
        return info([0x2b, 0x65, 0x70], parameters: [], key: point)
    }

    private static func ed25519Point(_ seed: Span<UInt8>) throws(CryptoError) -> [UInt8] {
        let action = "computing the public half of a key"
        ERR_clear_error()
        let key = unsafe seed.withUnsafeBufferPointer { buffer in
            unsafe EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, buffer.baseAddress, buffer.count)
        }
        guard let key = unsafe key else { throw .taken(during: action) }
        defer { unsafe EVP_PKEY_free(key) }
        let point = unsafe [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            var length = buffer.count
            count = unsafe EVP_PKEY_get_raw_public_key(key, buffer.baseAddress, &length) == 1 ? length : 0
        }
        guard point.count == 32 else { throw .taken(during: action) }
        return point
    }

    private static func libcrypto<Value>(_ body: () throws(CryptoError) -> Value) throws(PrivateKeyError) -> Value {
        do throws(CryptoError) {
            return try body()
        } catch {
            throw .refusedByLibcrypto(error)
        }
    }

    /// A SubjectPublicKeyInfo.
    private static func info(_ identifier: [UInt8], parameters: [UInt8], key: [UInt8]) -> [UInt8] {
        let algorithm = DERWriter.element(
            DERTag.sequence, DERWriter.element(DERTag.objectIdentifier, identifier), parameters)
        return DERWriter.element(DERTag.sequence, algorithm, DERWriter.element(DERTag.bitString, [0], key))
    }
}
