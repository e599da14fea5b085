/// Checks the content of primitive elements against DER.
extension Span<UInt8> {
    /// Throws unless the content is an integer in its shortest form.
    func checkInteger(_ content: Range<Int>) throws(DERError) {
        guard let first = content.first else { throw DERError(.badInteger, at: content.lowerBound) }
        guard content.count > 1 else { return }
        let sign = self[first + 1] & 0x80
        guard !(self[first] == 0 && sign == 0), !(self[first] == 0xff && sign != 0) else {
            throw DERError(.badInteger, at: first)
        }
    }

    /// Where the bytes of a number stand that is not negative, without the zero in front that keeps it so.
    func magnitude(_ content: Range<Int>) throws(DERError) -> Range<Int> {
        try checkInteger(content)
        guard self[content.lowerBound] & 0x80 == 0 else { throw DERError(.badInteger, at: content.lowerBound) }
        return content.count > 1 && self[content.lowerBound] == 0 ? content.dropFirst() : content
    }

    /// A number from 0 on that fits an `Int`.
    func smallInteger(_ content: Range<Int>) throws(DERError) -> Int {
        let digits = try magnitude(content)
        guard digits.count < 8 else { throw DERError(.badInteger, at: content.lowerBound) }
        var value = 0
        for index in digits { value = value << 8 | Int(self[index]) }
        return value
    }

    /// A truth value. FALSE may be spelled out though it is a default: certificates in use do so.
    func boolean(_ content: Range<Int>) throws(DERError) -> Bool {
        guard content.count == 1, self[content.lowerBound] == 0 || self[content.lowerBound] == 0xff else {
            throw DERError(.badBoolean, at: content.lowerBound)
        }
        return self[content.lowerBound] == 0xff
    }

    /// Where the bytes of a bit string stand; the unused bits of the last one are zero.
    func bits(_ content: Range<Int>) throws(DERError) -> (bytes: Range<Int>, unused: Int) {
        guard let first = content.first else { throw DERError(.badBitString, at: content.lowerBound) }
        let unused = Int(self[first])
        let bytes = content.dropFirst()
        guard unused < 8, let last = bytes.last ?? (unused == 0 ? first : nil),
            unused == 0 || self[last] & (1 << unused - 1) == 0
        else { throw DERError(.badBitString, at: first) }
        return (bytes, unused)
    }

    /// Where the bytes of a bit string of whole bytes stand.
    func wholeBytes(_ content: Range<Int>) throws(DERError) -> Range<Int> {
        let (bytes, unused) = try bits(content)
        guard unused == 0 else { throw DERError(.badBitString, at: content.lowerBound) }
        return bytes
    }

    /// Throws unless the content is an object identifier in its shortest form.
    func checkObjectIdentifier(_ content: Range<Int>) throws(DERError) {
        var startsNumber = true
        for index in content {
            let byte = self[index]
            guard !startsNumber || byte != 0x80 else { throw DERError(.badObjectIdentifier, at: index) }
            startsNumber = byte & 0x80 == 0
        }
        guard startsNumber, !content.isEmpty else { throw DERError(.badObjectIdentifier, at: content.lowerBound) }
    }
}
