import Testing

@testable import CertKit

/// Certificates with one part exchanged, all lengths around it right.
@Suite struct CertificateFaultTests {
    /// The leaf with the element at `path` exchanged; nil takes it out.
    private func leaf(_ path: [Int], _ element: [UInt8]?) throws -> [UInt8] {
        var tree = try #require(DERTree.forest(Certificate.sample(Sample.leaf).der[...]).first)
        tree.replace(path[...], with: element)
        return tree.bytes
    }

    private static let algorithm: [UInt8] = [0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03]

    @Test(
        arguments: [
            ([0, 0], [0xa0, 0x03, 0x02, 0x01, 0x00], .badVersion),
            ([0, 0], [0xa0, 0x03, 0x02, 0x01, 0x03], .badVersion),
            ([0, 0], [0xa0, 0x03, 0x02, 0x01, 0x01], .badVersion), ([0, 0], nil, .badVersion),
            ([0, 1], [0x02, 0x01, 0xff], .badInteger),
            ([0, 1], [0x02, 0x02, 0x00, 0x01], .badInteger),
            ([0, 1], DERWriter.element(0x02, [UInt8](repeating: 1, count: 21)), .badInteger),
            ([0, 2], algorithm, .algorithmsDisagree), ([1], algorithm, .algorithmsDisagree),
            ([0, 3], [0x31, 0x00], .unexpectedElement),
            ([0, 3, 0], [0x31, 0x00], .unexpectedElement),
            ([0, 3, 0, 0], [0x30, 0x05, 0x06, 0x01, 0x80, 0x0c, 0x00], .badObjectIdentifier),
            ([0, 3, 0, 0], [0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, 0xff], .badText),
            ([0, 3, 0, 0], [0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, 0x61], nil),
            ([0, 4, 1], nil, .cutShort), ([0, 4, 1], [0x05, 0x00], .badTime),
            ([0, 6, 0], [0x30, 0x02, 0x06, 0x00], .badObjectIdentifier),
            ([0, 6, 1], [0x03, 0x02, 0x00, 0x04], .badPublicKey),
            ([0, 6, 1], [0x03, 0x02, 0x01, 0x04], .badBitString), ([2], [0x03, 0x02, 0x01, 0x00], .badBitString),
            ([0, 7], [0xa3, 0x02, 0x30, 0x00], .unexpectedElement),
            ([0, 7], [0xa3, 0x04, 0x30, 0x00, 0x05, 0x00], .leftover), ([0, 7], [0xa4, 0x00], .leftover),
            ([0, 7], [0x81, 0x01, 0x00], nil), ([0, 7], [0x82, 0x02, 0x00, 0xff], nil), ([0, 7], nil, nil),
            ([0, 7], [0x81, 0x00], .badBitString),
        ] as [([Int], [UInt8]?, DERFault?)])
    func `a part that X 509 does not allow is named`(path: [Int], element: [UInt8]?, fault: DERFault?) throws {
        try expect(fault, leaf(path, element))
    }

    @Test(
        arguments: [
            ("basicConstraints", [0x55, 0x1d, 0x13], [0x30, 0x03, 0x01, 0x01, 0x01], .badBoolean),
            ("basicConstraints", [0x55, 0x1d, 0x13], [0x30, 0x03, 0x01, 0x01, 0x00], nil),
            ("basicConstraints", [0x55, 0x1d, 0x13], [0x30, 0x03, 0x02, 0x01, 0xff], .badInteger),
            ("basicConstraints", [0x55, 0x1d, 0x13], [0x30, 0x02, 0x05, 0x00], .leftover),
            ("basicConstraints", [0x55, 0x1d, 0x13], [0x30, 0x00, 0x05, 0x00], .leftover),
            ("keyUsage", [0x55, 0x1d, 0x0f], [0x03, 0x03, 0x07, 0x00, 0x80], nil),
            ("keyUsage", [0x55, 0x1d, 0x0f], [0x04, 0x00], .unexpectedElement),
            ("keyUsage", [0x55, 0x1d, 0x0f], [0x03, 0x02, 0x07, 0x00], .badBitString),
            ("nameConstraints", [0x55, 0x1d, 0x1e], [0x30, 0x04, 0xa0, 0x02, 0x0d, 0x00], .unexpectedElement),
            ("nameConstraints", [0x55, 0x1d, 0x1e], [0x30, 0x06, 0xa0, 0x04, 0x30, 0x02, 0x82, 0x00], nil),
            ("cRLDistributionPoints", [0x55, 0x1d, 0x1f], [0x30, 0x04, 0x30, 0x02, 0xa0, 0x00], .unexpectedElement),
            ("cRLDistributionPoints", [0x55, 0x1d, 0x1f], [0x30, 0x06, 0x30, 0x04, 0xa0, 0x02, 0xa0, 0x00], nil),
            ("otherName", [0x55, 0x1d, 0x11], [0x30, 0x05, 0xa0, 0x03, 0x06, 0x01, 0x2a], .unexpectedElement),
            ("otherName", [0x55, 0x1d, 0x11], [0x30, 9, 0xa0, 7, 0x06, 0x01, 0x2a, 0xa0, 0x02, 0x05, 0x00], nil),
            ("ediPartyName", [0x55, 0x1d, 0x11], [0x30, 0x02, 0xa5, 0x00], .unexpectedElement),
            ("ediPartyName", [0x55, 0x1d, 0x11], [0x30, 0x06, 0xa5, 0x04, 0xa1, 0x02, 0x0c, 0x00], nil),
            ("extendedKeyUsage", [0x55, 0x1d, 0x25], [0x30, 0x00], .unexpectedElement),
            ("extendedKeyUsage", [0x55, 0x1d, 0x25], [0x30, 0x02, 0x06, 0x00], .badObjectIdentifier),
            ("names", [0x55, 0x1d, 0x11], [0x30, 0x00], nil),
            ("names", [0x55, 0x1d, 0x11], [0x30, 0x02, 0x89, 0x00], .unexpectedElement),
            ("names", [0x55, 0x1d, 0x11], [0x30, 0x02, 0xa4, 0x00], .unexpectedElement),
            ("names", [0x55, 0x1d, 0x11], [0x30, 0x02, 0x88, 0x00], .badObjectIdentifier),
            ("names", [0x55, 0x1d, 0x11], [0x30, 0x06, 0xa4, 0x04, 0x30, 0x02, 0x31, 0x00], .unexpectedElement),
            ("names", [0x55, 0x1d, 0x11], [0x30, 0x03, 0x87, 0x01, 0x07], nil),
            ("key identifier", [0x55, 0x1d, 0x0e], [0x05, 0x00], .unexpectedElement),
            ("issuer's key identifier", [0x55, 0x1d, 0x23], [0x30, 0x02, 0x05, 0x00], .leftover),
            ("issuer's key identifier", [0x55, 0x1d, 0x23], [0x30, 0x00], nil),
            ("name constraints", [0x55, 0x1d, 0x1e], [0x05, 0x00], .unexpectedElement),
            (
                "TLS feature", [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x18], [0x30, 0x02, 0x05, 0x00],
                .unexpectedElement
            ),
            ("one that nobody knows", [0x2a, 0x03], [0x00], nil),
        ] as [(String, [UInt8], [UInt8], DERFault?)])
    func `an extension that is not well formed is named`(
        _: String, identifier: [UInt8], value: [UInt8], fault: DERFault?
    ) throws {
        try expect(fault, leaf([0, 7], extensions(extension_(identifier, value))))
    }

    @Test func `an extension that stands twice is refused`() throws {
        let one = extension_([0x55, 0x1d, 0x11], [0x30, 0x00])
        try expect(.duplicateExtension, leaf([0, 7], extensions(one, one)))
    }

    @Test func `a hundred extensions are enough`() throws {
        let many = (0..<101).map { extension_([0x2a, UInt8($0)], []) }
        try expect(nil, leaf([0, 7], extensions(many.dropLast().flatMap { $0 })))
        try expect(.tooManyExtensions, leaf([0, 7], extensions(many.flatMap { $0 })))
    }

    @Test func `ten thousand names are enough`() throws {
        func names(_ count: Int) throws -> [UInt8] {
            let list = DERWriter.element(DERTag.sequence, (0..<count).flatMap { _ in [0x82, 0x01, 0x61] as [UInt8] })
            return try leaf([0, 7], extensions(extension_([0x55, 0x1d, 0x11], list)))
        }
        expect(nil, try names(10_000))
        expect(.tooManyNames, try names(10_001))
    }

    @Test func `a critical extension that nobody knows is told`() throws {
        let der = try leaf(
            [0, 7],
            extensions(
                extension_([0x2a, 0x03], [], critical: true), extension_([0x55, 0x1d, 0x20], [], critical: true)))
        #expect(try Certificate(der: der).unknownCriticalExtensions == ["1.2.3"])
    }

    private func expect(_ fault: DERFault?, _ der: [UInt8]) {
        do throws(CertificateError) {
            _ = try Certificate(der: der)
            #expect(fault == nil)
            #expect(throws: Never.self) { _ = try X509Handle.parse(der.span) }
        } catch .malformed(let found, _) {
            #expect(found == fault)
        } catch {
            Issue.record(error)
        }
    }

    private func extension_(_ identifier: [UInt8], _ value: [UInt8], critical: Bool = false) -> [UInt8] {
        DERWriter.element(
            DERTag.sequence, DERWriter.element(DERTag.objectIdentifier, identifier),
            critical ? [0x01, 0x01, 0xff] : [],
            DERWriter.element(DERTag.octetString, value))
    }

    private func extensions(_ all: [UInt8]...) -> [UInt8] {
        DERWriter.element(0xa3, DERWriter.element(DERTag.sequence, all.flatMap { $0 }))
    }
}
