import Testing

@testable import CertKit

/// What X.509 allows and no public authority issues.
@Suite struct RareCertificateTests {
    /// The leaf with the elements at these paths exchanged, one after the other; nil takes one out.
    private func leaf(_ changes: ([Int], [UInt8]?)...) throws -> [UInt8] {
        var tree = try #require(DERTree.forest(Certificate.sample(Sample.leaf).der[...]).first)
        for (path, element) in changes { tree.replace(path[...], with: element) }
        return tree.bytes
    }

    /// The leaf with this one extension.
    private func leaf(with identifier: [UInt8], _ value: [UInt8]) throws -> Certificate {
        let one = DERWriter.element(
            DERTag.sequence, DERWriter.element(DERTag.objectIdentifier, identifier),
            DERWriter.element(DERTag.octetString, value))
        return try Certificate(
            der: try leaf(([0, 7], DERWriter.element(0xa3, DERWriter.element(DERTag.sequence, one)))))
    }

    private static let names: [UInt8] = [0x55, 0x1d, 0x11]
    private static let nameConstraints: [UInt8] = [0x55, 0x1d, 0x1e]
    private static let authorityInformation: [UInt8] = [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x01]
    /// The ways of asking an authority, but for the last number: 1 is OCSP, 2 its own certificate.
    private static let way: [UInt8] = [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30]

    @Test func `unique identifiers in version 1 are refused`() throws {
        let der = try leaf(([0, 7], [0x81, 0x01, 0x00]), ([0, 0], nil))
        let error = #expect(throws: CertificateError.self) { try Certificate(der: der) }
        guard case .malformed(.badVersion, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: [([UInt8(2)], false), ([1], true), ([2, 1], true), ([2, 2], false), ([], false)])
    func `an OCSP responder is looked for among the ways of asking the authority`(ways: [UInt8], named: Bool) throws {
        let list = ways.flatMap { last in
            DERWriter.element(
                DERTag.sequence, DERWriter.element(DERTag.objectIdentifier, Self.way + [last]), [0x86, 0x01, 0x61])
        }
        let value = DERWriter.element(DERTag.sequence, list)
        #expect(try leaf(with: Self.authorityInformation, value).namesOCSPResponder == named)
    }

    @Test func `ways of asking the authority that are none name no OCSP responder`() throws {
        #expect(try !leaf(with: Self.authorityInformation, [0x05, 0x00]).namesOCSPResponder)
    }

    @Test func `a certificate without key usages is good for a server`() throws {
        #expect(try leaf(with: [0x2a, 0x03], []).allowsServerAuthentication)
    }

    @Test(arguments: [[0x87, 0x01, 0x07], [0x87, 0x05, 0x01, 0x02, 0x03, 0x04, 0x05]] as [[UInt8]])
    func `an address of no known length is shown in hex`(name: [UInt8]) throws {
        let certificate = try leaf(with: Self.names, DERWriter.element(DERTag.sequence, name))
        #expect(certificate.names == [.other(hexadecimal(name))])
    }

    @Test(
        arguments: [
            // With who gave it, without, and with what is no text.
            ([0xa5, 0x08, 0xa0, 0x02, 0x0c, 0x00, 0xa1, 0x02, 0x0c, 0x00], true),
            ([0xa5, 0x04, 0xa1, 0x02, 0x0c, 0x00], true), ([0xa5, 0x04, 0xa1, 0x02, 0x16, 0x00], false),
            ([0xa5, 0x08, 0xa0, 0x02, 0x16, 0x00, 0xa1, 0x02, 0x0c, 0x00], false),
        ] as [([UInt8], Bool)])
    func `a party's name and who gave it are texts`(name: [UInt8], accepted: Bool) {
        let certificate = try? leaf(with: Self.names, DERWriter.element(DERTag.sequence, name))
        #expect((certificate != nil) == accepted)
    }

    @Test(
        arguments: [([0x80, 0x01, 0x00], true), ([0x80, 0x01, 0x00, 0x81, 0x01, 0x05], true), ([0x80, 0x00], false)]
            as [([UInt8], Bool)])
    func `name constraints may have bounds, which are numbers`(bounds: [UInt8], accepted: Bool) {
        let subtree = DERWriter.element(DERTag.sequence, [0x82, 0x01, 0x61], bounds)
        let value = DERWriter.element(DERTag.sequence, DERWriter.element(0xa0, subtree))
        let certificate = try? leaf(with: Self.nameConstraints, value)
        #expect((certificate != nil) == accepted)
    }

    @Test func `a subject that names nobody is empty`() throws {
        #expect(try Certificate(der: try leaf(([0, 5], [0x30, 0x00]))).subject.isEmpty)
        #expect(try !Certificate.sample(Sample.leaf).subject.isEmpty)
    }

    @Test(arguments: [([UInt8](), "00"), ([0, 0], "00"), ([0, 1], "01"), ([0x0a, 0], "0a00")])
    func `a serial number has no zeros in front`(bytes: [UInt8], text: String) {
        #expect(SerialNumber(bytes: bytes).description == text)
    }

    @Test(
        arguments: [
            ("pbx.example.com", true), ("PBX.example.com.", true), ("a.example.org", true), ("example.org", false),
            ("192.0.2.1", true), ("192.0.2.2", false), ("2001:DB8::1", true), ("", false), (".", false),
        ])
    func `names as they are shown cover the hosts that the certificate covers`(host: String, covered: Bool) {
        let names = ["pbx.example.com", "*.example.org.", "192.0.2.1", "2001:db8::1"]
        #expect(isCovered(host, byNames: names) == covered)
    }
}
