import Testing

@testable import CertKit

@Suite struct Base64Tests {
    private func decoded(_ text: String) throws(Base64.Failure) -> [UInt8] {
        let bytes = Array(text.utf8)
        return try [UInt8](capacity: Base64.decodedCapacity(bytes.count)) { (output) throws(Base64.Failure) in
            try Base64.decode(bytes.span, 0..<bytes.count, into: &output)
        }
    }

    @Test(arguments: [
        ("TQ==\n", "M"), ("TWE=\n", "Ma"), ("TWFu\n", "Man"), ("TWFu", "Man"), ("T\nW\nF\nu", "Man"),
        ("TWFu\r\nTWE=\r\n", "ManMa"),
        ("TWFu  \t\nTQ==  ", "ManM"), ("TWFuTWFuTWF\nuTQ=\n=\n", "ManManManM"), ("+/+/", "\u{fb}\u{ff}\u{bf}"),
    ])
    func `base64 in lines of any length is decoded`(text: String, expected: String) throws {
        #expect(try decoded(text) == expected.unicodeScalars.map { UInt8($0.value) })
    }

    @Test(arguments: [
        ("TWF", PEMFault.cutShort, 3), ("T", .cutShort, 1), ("TQ=", .cutShort, 3), ("TWFuTQ=\n", .cutShort, 8),
        ("TR==", .strayBits, 4), ("TWF=", .strayBits, 4), ("TW Fu", .notBase64, 2), (" TWFu", .notBase64, 0),
        ("TWFu====", .notBase64, 4), ("TQ==TWFu", .notBase64, 4), ("T===", .notBase64, 1), ("TQ===", .notBase64, 4),
        ("TWF-", .notBase64, 3), ("TWF_", .notBase64, 3), ("TWFu\u{0}", .notBase64, 4), ("TW\rFu", .notBase64, 2),
        ("TWFué", .notBase64, 4), ("DEK-Info: AES", .notBase64, 3), ("Key: x", .headers, 3),
    ])
    func `base64 that others may read in two ways is refused`(text: String, fault: PEMFault, position: Int) {
        #expect(throws: Base64.Failure(position: position, fault: fault)) { try decoded(text) }
    }

    @Test func `a mebibyte of blanks is gone through once`() throws {
        #expect(try decoded("TWFu" + String(repeating: " ", count: 1 << 20) + "\nTQ==") == Array("ManM".utf8))
    }

    @Test(arguments: [0, 1, 2, 3, 47, 48, 49, 95, 96, 97, 1000])
    func `what is encoded has lines of 64 characters and decodes to itself`(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 151) }
        let text = [UInt8](capacity: Base64.encodedCount(count)) { Base64.encode(bytes.span, into: &$0) }
        #expect(text.count == Base64.encodedCount(count))
        let lines = text.split(separator: UInt8(ascii: "\n"))
        #expect(lines.dropLast().allSatisfy { $0.count == 64 } && (lines.last?.count ?? 0) <= 64)
        #expect(try decoded(String(decoding: text, as: UTF8.self)) == bytes)
    }
}
