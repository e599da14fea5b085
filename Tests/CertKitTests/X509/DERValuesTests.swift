import Testing

@testable import CertKit

@Suite struct DERValuesTests {
    @Test(
        arguments: [
            ([0x00], 0), ([0x7f], 127), ([0x00, 0x80], 128), ([0x01, 0x00], 256), ([0xff], nil), ([0x80, 0x00], nil),
            ([], nil),
            ([0x00, 0x7f], nil), ([0xff, 0x80], nil), ([0x00, 0x00], nil),
            ([0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 0x7f_ffff_ffff_ffff), ([0x01, 0, 0, 0, 0, 0, 0, 0], nil),
        ] as [([UInt8], Int?)])
    func `a number is read in its shortest form and from zero on`(bytes: [UInt8], value: Int?) {
        #expect((try? bytes.span.smallInteger(0..<bytes.count)) == value)
    }

    @Test(
        arguments: [([0x00], false), ([0xff], true), ([0x01], nil), ([], nil), ([0xff, 0xff], nil)]
            as [([UInt8], Bool?)])
    func `a truth value is 00 or FF`(bytes: [UInt8], value: Bool?) {
        #expect((try? bytes.span.boolean(0..<bytes.count)) == value)
    }

    @Test(
        arguments: [
            ([0x00], 1..<1), ([0x00, 0xff], 1..<2), ([0x07, 0x80], 1..<2), ([0x07, 0xc0], nil), ([0x08, 0x00], nil),
            ([], nil),
            ([0x01], nil),
        ] as [([UInt8], Range<Int>?)])
    func `a bit string leaves no bit undefined`(bytes: [UInt8], value: Range<Int>?) {
        #expect((try? bytes.span.bits(0..<bytes.count))?.bytes == value)
    }

    @Test(
        arguments: [
            ([0x55, 0x04, 0x03], "2.5.4.3"), ([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d], "1.2.840.113549"), ([0x00], "0.0"),
            ([0x27], "0.39"), ([0x28], "1.0"), ([0x78], "2.40"), ([0x88, 0x37], "2.999"), ([0x80, 0x01], nil),
            ([0x86], nil),
            ([], nil), ([0x2a, 0x80, 0x01], nil),
            ([0x2a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], "1.2.9223372036854775807"),
            ([0x2a, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], "#2a81808080808080808000"),
        ] as [([UInt8], String?)])
    func `an object identifier is shown in dotted decimal`(bytes: [UInt8], text: String?) {
        let isSound = (try? bytes.span.checkObjectIdentifier(0..<bytes.count)) != nil
        #expect((isSound ? bytes.span.dottedIdentifier(0..<bytes.count) : nil) == text)
    }

    @Test func `an identifier longer than any that is known is none of them`() {
        #expect([UInt8](repeating: 0x2a, count: 16).span.objectIdentifier(0..<16) == 0)
        #expect([UInt8]([0x55, 0x04, 0x03]).span.objectIdentifier(0..<3) == ObjectIdentifier.commonName)
    }

    @Test(arguments: [
        (0x17, "260101000000Z", 1_767_225_600), (0x17, "491231235959Z", 2_524_607_999),
        (0x17, "500101000000Z", -631_152_000),
        (0x17, "700101000000Z", 0), (0x17, "691231235959Z", -1), (0x17, "000229120000Z", 951_825_600),
        (0x18, "20500101000000Z", 2_524_608_000), (0x18, "19500101000000Z", -631_152_000),
        (0x18, "99991231235959Z", 253_402_300_799), (0x18, "00000101000000Z", -62_167_219_200),
        (0x18, "00000229000000Z", -62_162_121_600), (0x18, "20000229000000Z", 951_782_400),
        (0x18, "19000228235959Z", -2_203_891_201),
    ])
    func `dates are counted in seconds from 1970`(tag: Int, text: String, seconds: Int64) throws {
        #expect(try seconds == secondsSince1970(UInt8(tag), text))
    }

    @Test(arguments: [
        (0x17, "2601010000Z"), (0x17, "260101000000"), (0x17, "260101000000+0100"), (0x17, "20260101000000Z"),
        (0x17, ""),
        (0x17, "26010100000 Z"), (0x17, "261301000000Z"), (0x17, "260001000000Z"), (0x17, "260100000000Z"),
        (0x17, "260230000000Z"),
        (0x17, "260229000000Z"), (0x17, "260431000000Z"), (0x17, "260101240000Z"), (0x17, "260101006000Z"),
        (0x17, "260101000060Z"),
        (0x17, "260101000000z"), (0x18, "260101000000Z"), (0x18, "20260101000000.5Z"), (0x18, "19000229000000Z"),
        (0x18, "2026010100Z"), (0x18, "-0260101000000Z"), (0x16, "260101000000Z"),
    ])
    func `dates that do not exist or are written in another way are refused`(tag: Int, text: String) {
        #expect(throws: DERError.self) { try secondsSince1970(UInt8(tag), text) }
    }

    private func secondsSince1970(_ tag: UInt8, _ text: String) throws -> Int64 {
        let bytes = DERWriter.element(tag, Array(text.utf8))
        var cursor = DERCursor(0..<bytes.count)
        return try bytes.span.secondsSince1970(cursor.element(in: bytes.span))
    }

    @Test(
        arguments: [
            (0x0c, Array("Müller".utf8), "Müller"), (0x0c, [0x61, 0x00, 0x62], "a\u{0}b"), (0x0c, [0xff], nil),
            (0x0c, [0xc0, 0x80], nil),
            (0x0c, [0xed, 0xa0, 0x80], nil), (0x13, [0x61, 0xff], "a\u{FFFD}"), (0x16, [0x1b], "\u{1b}"),
            (0x12, [0x31], "1"),
            (0x14, [0xfc], "ü"), (0x1e, [0x00, 0xfc, 0x20, 0xac], "ü€"), (0x1e, [0x00], nil),
            (0x1e, [0xd8, 0x00], nil),
            (0x1c, [0x00, 0x01, 0xf6, 0x00], "😀"), (0x1c, [0x00, 0x11, 0x00, 0x00], nil),
            (0x1c, [0x00, 0x00, 0x00], nil),
            (0x03, [0x00, 0x05], "#03020005"), (0x03, [], nil), (0x30, [], nil), (0x04, [0x61], nil),
        ] as [(UInt8, [UInt8], String?)])
    func `the text of a name is read in the encoding of its type`(tag: UInt8, content: [UInt8], text: String?) throws {
        let bytes = DERWriter.element(tag, content)
        var cursor = DERCursor(0..<bytes.count)
        let element = try cursor.element(in: bytes.span)
        let isSound = (try? bytes.span.checkText(element)) != nil
        #expect((isSound ? bytes.span.rawText(element) : nil) == text)
    }

    @Test(arguments: [0, 1, 127, 128, 255, 256, 65_536])
    func `what is written is read`(count: Int) throws {
        let bytes = DERWriter.element(DERTag.octetString, [UInt8](repeating: 7, count: count))
        var cursor = DERCursor(0..<bytes.count)
        #expect(try cursor.element(in: bytes.span).content.count == count)
        #expect(cursor.isAtEnd)
    }
}
