import Testing

@testable import CertKit

@Suite struct DERCursorTests {
    @Test(
        arguments: [
            ([0x04, 0x01, 0x07], 0x04, 2..<3), ([0x30, 0x00], 0x30, 2..<2), ([0x0c, 0x81, 0x80], 0x0c, 3..<131),
            ([0x30, 0x82, 0x01, 0x00], 0x30, 4..<260), ([0x30, 0x83, 0x01, 0x00, 0x00], 0x30, 5..<65541),
        ] as [([UInt8], UInt8, Range<Int>)])
    func `an element is found by its tag and length`(header: [UInt8], tag: UInt8, content: Range<Int>) throws {
        let bytes = header + [UInt8](repeating: 0, count: content.upperBound - min(header.count, content.upperBound))
        var cursor = DERCursor(0..<bytes.count)
        let element = try cursor.element(in: bytes.span)
        #expect(element.tag == tag)
        #expect(element.content == content)
        #expect(element.whole == 0..<content.upperBound)
        #expect(cursor.isAtEnd)
    }

    @Test(
        arguments: [
            ([], DERFault.cutShort), ([0x30], .cutShort), ([0x04, 0x02, 0x00], .cutShort), ([0x04, 0x81], .cutShort),
            ([0x04, 0x82, 0x01], .cutShort), ([0x30, 0x80, 0x00, 0x00], .badLength), ([0x04, 0x81, 0x7f], .badLength),
            ([0x04, 0x82, 0x00, 0x80], .badLength), ([0x04, 0x84, 0x01, 0x00, 0x00, 0x00], .badLength),
            ([0x04, 0xff], .badLength), ([0x1f, 0x81, 0x00], .unexpectedElement), ([0x00, 0x00], .unexpectedElement),
        ] as [([UInt8], DERFault)])
    func `a length that is not the shortest, and a tag that is not a low one, are refused`(
        bytes: [UInt8], fault: DERFault
    ) {
        var cursor = DERCursor(0..<bytes.count)
        #expect(throws: DERError(fault, at: 0)) { try cursor.element(in: bytes.span) }
    }

    @Test func `what is wanted must come next, and nothing after it`() throws {
        let bytes: [UInt8] = [0x05, 0x00, 0x02, 0x01, 0x01]
        var cursor = DERCursor(0..<bytes.count)
        #expect(try cursor.optional(DERTag.integer, in: bytes.span) == nil)
        #expect(throws: DERError(.unexpectedElement, at: 0)) { try cursor.element(DERTag.integer, in: bytes.span) }
        _ = try cursor.element(DERTag.null, in: bytes.span)
        #expect(throws: DERError(.leftover, at: 2)) { try cursor.finish() }
        #expect(try cursor.optional(DERTag.integer, in: bytes.span)?.content == 4..<5)
        #expect(throws: Never.self) { try cursor.finish() }
    }
}
