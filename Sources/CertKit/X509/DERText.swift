/// The string types of names (RFC 5280, section 4.1.2.4), as libcrypto reads them.
extension Span<UInt8> {
    /// Throws unless the element is a string type that names may hold, and in the encoding of that type.
    func checkText(_ element: DERElement) throws(DERError) {
        let content = element.content
        switch element.tag {
        case DERTag.utf8String:
            guard (try? UTF8Span(validating: extracting(content))) != nil else {
                throw DERError(.badText, at: content.lowerBound)
            }
        case DERTag.bmpString:
            guard content.count % 2 == 0 else { throw DERError(.badText, at: content.lowerBound) }
            try checkScalars(content, width: 2)
        case DERTag.universalString:
            guard content.count % 4 == 0 else { throw DERError(.badText, at: content.lowerBound) }
            try checkScalars(content, width: 4)
        case DERTag.printableString, DERTag.ia5String, DERTag.numericString, DERTag.teletexString: break
        case DERTag.bitString: _ = try bits(content)
        default: throw DERError(.unexpectedElement, at: element.whole.lowerBound)
        }
    }

    private func checkScalars(_ content: Range<Int>, width: Int) throws(DERError) {
        for start in stride(from: content.lowerBound, to: content.upperBound, by: width) {
            guard Unicode.Scalar(bigEndian(start..<start + width)) != nil else { throw DERError(.badText, at: start) }
        }
    }

    private func bigEndian(_ range: Range<Int>) -> UInt32 {
        var value: UInt32 = 0
        for index in range { value = value << 8 | UInt32(self[index]) }
        return value
    }

    /// The text as it stands, control characters, zero bytes and all; what is not text is shown in hex behind a `#`.
    ///
    /// Bytes that no encoding explains are replaced by U+FFFD.
    func rawText(_ element: DERElement) -> String {
        switch element.tag {
        case DERTag.bmpString: scalars(element.content, width: 2)
        case DERTag.universalString: scalars(element.content, width: 4)
        case DERTag.teletexString: scalars(element.content, width: 1)
        case DERTag.bitString: "#" + hexadecimal(copy(element.whole))
        default: text(element.content)
        }
    }

    private func scalars(_ content: Range<Int>, width: Int) -> String {
        var text = String.UnicodeScalarView()
        for start in stride(from: content.lowerBound, to: content.upperBound, by: width) {
            text.append(Unicode.Scalar(bigEndian(start..<start + width)) ?? "\u{FFFD}")
        }
        return String(text)
    }
}
