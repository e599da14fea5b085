/// The tag bytes that certificates and keys are made of (X.690, low-tag form).
enum DERTag {
    static let boolean: UInt8 = 0x01
    static let integer: UInt8 = 0x02
    static let bitString: UInt8 = 0x03
    static let octetString: UInt8 = 0x04
    static let null: UInt8 = 0x05
    static let objectIdentifier: UInt8 = 0x06
    static let utf8String: UInt8 = 0x0c
    static let numericString: UInt8 = 0x12
    static let printableString: UInt8 = 0x13
    static let teletexString: UInt8 = 0x14
    static let ia5String: UInt8 = 0x16
    static let utcTime: UInt8 = 0x17
    static let generalizedTime: UInt8 = 0x18
    static let universalString: UInt8 = 0x1c
    static let bmpString: UInt8 = 0x1e
    static let sequence: UInt8 = 0x30
    static let set: UInt8 = 0x31

    /// `[number]`, primitive.
    static func context(_ number: UInt8) -> UInt8 { 0x80 | number }
    /// `[number]`, constructed.
    static func constructed(_ number: UInt8) -> UInt8 { 0xa0 | number }
}

/// A rule of DER, or of the structure that is read, which the bytes break, and where.
struct DERError: Error, Equatable {
    let fault: DERFault
    let offset: Int

    init(_ fault: DERFault, at offset: Int) {
        self.fault = fault
        self.offset = offset
    }
}

/// One element of DER: where it stands.
struct DERElement {
    let tag: UInt8
    /// Tag, length and content.
    let whole: Range<Int>
    let content: Range<Int>
}

/// Walks over strict DER in bytes that the caller lends at each step; it holds positions and copies nothing.
///
/// Definite lengths in their shortest form, low tag numbers, every element whole within its parent. Nothing recurses: the
/// depth is that of the structures that are read.
struct DERCursor {
    private(set) var position: Int
    let end: Int

    init(_ range: Range<Int>) {
        position = range.lowerBound
        end = range.upperBound
    }

    var isAtEnd: Bool { position == end }

    /// The tag that comes next; nil at the end.
    func nextTag(in bytes: Span<UInt8>) -> UInt8? { isAtEnd ? nil : bytes[position] }

    /// Steps over the next element, whatever it is.
    mutating func element(in bytes: Span<UInt8>) throws(DERError) -> DERElement {
        let start = position
        guard end - start >= 2 else { throw DERError(.cutShort, at: start) }
        let tag = bytes[start]
        guard tag & 0x1f != 0x1f, tag != 0 else { throw DERError(.unexpectedElement, at: start) }
        var count = Int(bytes[start + 1])
        var contentStart = start + 2
        if count >= 0x80 {
            let lengthBytes = count & 0x7f
            // Three bytes of length are 16 MiB: more than is ever read.
            guard (1...3).contains(lengthBytes) else { throw DERError(.badLength, at: start) }
            guard end - contentStart >= lengthBytes else { throw DERError(.cutShort, at: start) }
            count = 0
            for _ in 0..<lengthBytes {
                count = count << 8 | Int(bytes[contentStart])
                contentStart += 1
            }
            guard count >= 0x80, count >> (8 * (lengthBytes - 1)) != 0 else { throw DERError(.badLength, at: start) }
        }
        guard end - contentStart >= count else { throw DERError(.cutShort, at: start) }
        position = contentStart + count
        return DERElement(tag: tag, whole: start..<position, content: contentStart..<position)
    }

    /// Steps over the next element, which must be a `tag`.
    mutating func element(_ tag: UInt8, in bytes: Span<UInt8>) throws(DERError) -> DERElement {
        guard nextTag(in: bytes) == tag else { throw DERError(.unexpectedElement, at: position) }
        return try element(in: bytes)
    }

    /// Steps over the next element if it is a `tag`.
    mutating func optional(_ tag: UInt8, in bytes: Span<UInt8>) throws(DERError) -> DERElement? {
        nextTag(in: bytes) == tag ? try element(in: bytes) : nil
    }

    /// Steps into the next element, which must be a `tag`: a cursor over its content.
    mutating func enter(_ tag: UInt8, in bytes: Span<UInt8>) throws(DERError) -> DERCursor {
        DERCursor(try element(tag, in: bytes).content)
    }

    /// Nothing may be left.
    func finish() throws(DERError) {
        guard isAtEnd else { throw DERError(.leftover, at: position) }
    }
}
