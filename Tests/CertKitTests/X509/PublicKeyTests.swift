import Testing

@testable import CertKit

@Suite struct PublicKeyTests {
    private static let rsa: [UInt8] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01]
    private static let ec: [UInt8] = [0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]
    private static let p256: [UInt8] = [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]
    private static let k1: [UInt8] = [0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a]
    private static let numbers: [UInt8] = [0x30, 0x06, 0x02, 0x01, 0x7f, 0x02, 0x01, 0x03]

    private func key(_ algorithm: [UInt8], _ parameters: [UInt8], _ bits: [UInt8]) throws(DERError) -> PublicKey {
        try PublicKey(
            spki: DERWriter.element(
                DERTag.sequence, DERWriter.element(DERTag.sequence, algorithm, parameters),
                DERWriter.element(DERTag.bitString, [0], bits)))
    }

    @Test(
        arguments: [
            (rsa, [0x05, 0x00], numbers, "RSA 7"), (rsa, [], numbers, nil), (rsa, [0x05, 0x00], [0x30, 0x00], nil),
            (rsa, [0x05, 0x00], [0x30, 0x06, 0x02, 0x01, 0x7f, 0x02, 0x01, 0xff], nil), (ec, [], [4], nil),
            (ec, p256, [4], nil),
            (ec, p256, [2] + [UInt8](repeating: 1, count: 64), nil),
            (ec, p256, [4] + [UInt8](repeating: 1, count: 64), "EC P-256"),
            (ec, k1, [2], "EC secp256k1"), (ec, [0x06, 0x01, 0x2a], [2], "EC 1.2"),
            (ec, [0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d], [2], "EC SM2"),
            (ec, [0x30, 0x00], [4], "EC with explicit parameters"),
            ([0x06, 0x03, 0x2b, 0x65, 0x70], [], [UInt8](repeating: 1, count: 32), "Ed25519"),
            ([0x06, 0x03, 0x2b, 0x65, 0x70], [], [UInt8](repeating: 1, count: 31), nil),
            ([0x06, 0x03, 0x2b, 0x65, 0x71], [], [], "Ed448"), ([0x06, 0x03, 0x2b, 0x65, 0x6e], [], [], "X25519"),
            ([0x06, 0x03, 0x2b, 0x65, 0x6f], [], [], "X448"), ([0x06, 0x01, 0x2a], [0x02, 0x01, 0x01], [], nil),
            ([0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01], [0x30, 0x00], [], "DSA"),
            ([0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x03, 0x01], [], [], "DH"),
            ([0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a], [], [], "RSA-PSS"),
            ([0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d], [], [], "SM2"),
        ] as [([UInt8], [UInt8], [UInt8], String?)])
    func `a public key tells its kind`(algorithm: [UInt8], parameters: [UInt8], bits: [UInt8], kind: String?) {
        #expect((try? key(algorithm, parameters, bits))?.description == kind)
    }

    @Test func `only an RSA key has an exponent`() throws {
        #expect(try key(Self.rsa, [0x05, 0x00], Self.numbers).rsaExponent == 3)
        #expect(try key(Self.ec, Self.k1, [2]).rsaExponent == nil)
        let vast = DERWriter.element(
            DERTag.sequence, [0x02, 0x01, 0x7f], DERWriter.element(0x02, [UInt8](repeating: 1, count: 9)))
        #expect(try key(Self.rsa, [0x05, 0x00], vast).rsaExponent == nil)
    }

    @Test func `keys are kept in sets by their DER`() throws {
        let one = try key(Self.rsa, [0x05, 0x00], Self.numbers)
        #expect(Set([one, try key(Self.rsa, [0x05, 0x00], Self.numbers), try key(Self.ec, Self.k1, [2])]).count == 2)
    }

    @Test(
        arguments: [
            ([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x04], "RSA with MD5", true),
            ([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05], "RSA with SHA-1", true),
            ([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0e], "RSA with SHA-224", false),
            ([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b], "RSA with SHA-256", false),
            ([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c], "RSA with SHA-384", false),
            ([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d], "RSA with SHA-512", false),
            ([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01], "ECDSA with SHA-1", true),
            ([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x01], "ECDSA with SHA-224", false),
            ([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02], "ECDSA with SHA-256", false),
            ([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03], "ECDSA with SHA-384", false),
            ([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04], "ECDSA with SHA-512", false),
            ([0x2b, 0x65, 0x70], "Ed25519", false), ([0x2a, 0x03], "1.2.3", false),
        ] as [([UInt8], String, Bool)])
    func `a signature algorithm tells its name and whether it is weak`(
        identifier: [UInt8], name: String, isWeak: Bool
    ) throws {
        let bytes = DERWriter.element(DERTag.sequence, DERWriter.element(DERTag.objectIdentifier, identifier))
        var cursor = DERCursor(0..<bytes.count)
        let element = try cursor.element(in: bytes.span)
        let algorithm = SignatureAlgorithm(try AlgorithmIdentifier(element, in: bytes.span), in: bytes.span)
        #expect(algorithm.description == name)
        #expect(algorithm.isWeak == isWeak)
    }

    @Test func `libcrypto leaves nothing over`() throws {
        let der = try Certificate.sample(Sample.leaf).der + [0]
        #expect(throws: CryptoError.leftover(after: "a certificate")) { _ = try X509Handle.parse(der.span) }
        #expect(throws: CryptoError.self) { _ = try X509Handle.parse([0x30, 0x00].span) }
    }
}
