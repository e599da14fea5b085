import Testing

@testable import CertKit

/// Keys with one part exchanged, all lengths around it right.
@Suite struct PrivateKeyFaultTests {
    private func key(_ text: String, _ path: [Int], _ element: [UInt8]?) throws -> SecretBytes {
        let bytes = Array(text.utf8)
        let block = try #require(try PEMBlock.all(in: bytes.span, of: "key.pem").last)
        let der = try [UInt8](capacity: 4096) { try Base64.decode(bytes.span, block.body, into: &$0) }
        var tree = try #require(DERTree.forest(der[...]).first)
        tree.replace(path[...], with: element)
        return SecretBytes(copying: tree.bytes.span)
    }

    private static let order: [UInt8] =
        [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0] + [UInt8](repeating: 0xff, count: 8)
        + [0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51]
    private static let noPoint = DERWriter.element(
        0xa1, DERWriter.element(0x03, [0, 4], [UInt8](repeating: 1, count: 64)))

    @Test(
        arguments: [
            ([0], [0x02, 0x01, 0x00], .malformed(.badVersion)), ([2], [0xa0, 0x00], .malformed(.cutShort)),
            ([2], nil, .malformed(.badPrivateKey)),
            ([2, 0], [0x05, 0x00], .malformed(.badPrivateKey)),
            ([2, 0], [0x06, 0x01, 0x80], .malformed(.badObjectIdentifier)), ([3], noPoint, .halvesDiffer),
            ([3], [0xa1, 0x04, 0x03, 0x02, 0x01, 0x00], .malformed(.badBitString)),
            ([3], [0x05, 0x00], .malformed(.leftover)),
            ([1], [0x05, 0x00], .malformed(.unexpectedElement)),
            ([1], DERWriter.element(0x04, [UInt8](repeating: 0, count: 32)), outOfRange),
            ([1], DERWriter.element(0x04, order), outOfRange),
            (
                [2, 0], [0x06, 0x02, 0x2a, 0x03],
                .refusedByLibcrypto(CryptoError(action: "looking up the curve 1.2.3", reason: ""))
            ),
        ] as [([Int], [UInt8]?, PrivateKeyError)])
    func `an EC key that is not sound is not read`(path: [Int], element: [UInt8]?, error: PrivateKeyError) throws {
        let der = try key(Sample.leafKeySEC1, path, element)
        #expect(throws: error) { try PrivateKey(der: der, format: .sec1) }
    }

    private static let outOfRange = PrivateKeyError.refusedByLibcrypto(
        CryptoError(action: "computing the public half of a key", reason: "the number is out of the curve's range"))

    @Test(
        arguments: [
            ([0], [0x02, 0x01, 0x01], .malformed(.badVersion)), ([1], [0x02, 0x01, 0x05], .halvesDiffer),
            ([4], [0x02, 0x01, 0x05], .halvesDiffer),
            ([8], nil, .malformed(.unexpectedElement)),
            ([5], DERWriter.element(0x02, [UInt8](repeating: 1, count: 2049)), .malformed(.badInteger)),
            ([8], [0x02, 0x01, 0xff], .malformed(.badInteger)),
        ] as [([Int], [UInt8]?, PrivateKeyError)])
    func `an RSA key that is not sound is not read`(path: [Int], element: [UInt8]?, error: PrivateKeyError) throws {
        let der = try key(Sample.rsaKeyPKCS1, path, element)
        #expect(throws: error) { try PrivateKey(der: der, format: .pkcs1) }
    }

    @Test(
        arguments: [
            ([0], [0x02, 0x01, 0x01], .malformed(.badVersion)),
            ([1], [0x30, 0x07, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x05, 0x00], .malformed(.badPrivateKey)),
            ([2], [0x04, 0x02, 0x04, 0x00], .malformed(.badPrivateKey)),
            ([1], [0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e], .typeRefused("X25519")),
            ([1], [0x30, 0x04, 0x06, 0x02, 0x2a, 0x03], .typeRefused("1.2.3")),
        ] as [([Int], [UInt8]?, PrivateKeyError)])
    func `an Ed25519 key that is not sound is not read`(path: [Int], element: [UInt8]?, error: PrivateKeyError) throws {
        let der = try key(Sample.ed25519Key, path, element)
        #expect(throws: error) { try PrivateKey(der: der, format: .pkcs8) }
    }

    @Test func `an RSA key that would take seconds to check is not read`() throws {
        let der = try key(Sample.rsaKeyPKCS1, [5], DERWriter.element(0x02, [UInt8](repeating: 1, count: 2049)))
        #expect(throws: PrivateKeyError.malformed(.badInteger)) { try PrivateKey(der: der, format: .pkcs1) }
    }

    @Test func `an EC key that names two curves is not read`() throws {
        // The inner parameters of PKCS#8 are optional; where they stand, they must be the outer ones.
        let inner = try key(Sample.leafKeySEC1, [2, 0], [0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22])
        let nested = inner.withSpan { DERWriter.element(DERTag.octetString, $0.copy(0..<$0.count)) }
        let der = try key(Sample.leafKey, [2], nested)
        #expect(throws: PrivateKeyError.malformed(.badPrivateKey)) { try PrivateKey(der: der, format: .pkcs8) }
    }

    @Test func `an RSA key whose private exponent is another's is stopped by libcrypto`() throws {
        let der = try key(Sample.rsaKeyPKCS1, [3], [0x02, 0x01, 0x05])
        let key = try PrivateKey(der: der, format: .pkcs1)
        #expect(throws: PrivateKeyError.self) { try key.checkedByLibcrypto() }
    }
}
