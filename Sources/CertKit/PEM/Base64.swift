/// Base64 as PEM has it (RFC 4648, section 4, with line ends), strict.
enum Base64 {
    /// A rule that the text breaks, and where in it.
    struct Failure: Error, Equatable {
        let position: Int
        let fault: PEMFault
    }

    /// At most this many bytes come out of `count` characters.
    static func decodedCapacity(_ count: Int) -> Int { count / 4 * 3 + 3 }

    /// Decodes `range` of `text` straight into `output`, so that a key never stands anywhere else.
    ///
    /// LF or CRLF, and blanks before them, separate lines of any length.
    static func decode(
        _ text: Span<UInt8>, _ range: Range<Int>, into output: inout OutputSpan<UInt8>
    ) throws(Failure) {
        let values = Self.values.span
        var index = range.lowerBound
        var quantum: UInt32 = 0
        var digits = 0
        var padding = 0
        while index < range.upperBound {
            if digits == 0, padding == 0 {
                index += decodeGroups(text.extracting(index..<range.upperBound), by: values, into: &output)
                guard index < range.upperBound else { break }
            }
            let byte = text[index]
            let value = values[768 + Int(byte)]
            if value < noDigit, padding == 0 {
                quantum = quantum << 6 | value
                digits += 1
                if digits == 4 {
                    output.append(UInt8(truncatingIfNeeded: quantum >> 16))
                    output.append(UInt8(truncatingIfNeeded: quantum >> 8))
                    output.append(UInt8(truncatingIfNeeded: quantum))
                    (quantum, digits) = (0, 0)
                }
            } else if byte == UInt8(ascii: "="), digits >= 2, digits + padding < 4 {
                padding += 1
            } else if let next = nextLine(text, index, range.upperBound) {
                index = next
                continue
            } else {
                throw Failure(position: index, fault: byte == UInt8(ascii: ":") ? .headers : .notBase64)
            }
            index += 1
        }
        try finish(quantum, digits, padding, at: range.upperBound, into: &output)
    }

    /// The common case: decodes whole groups of four digits, as far as they go, and gives the number of characters.
    private static func decodeGroups(
        _ text: Span<UInt8>, by values: Span<UInt32>, into output: inout OutputSpan<UInt8>
    ) -> Int {
        // Without a check of bounds at each byte: every index is below the number of groups that both buffers have room for,
        // and a byte is an index of the 256 values of each of the four places.
        unsafe text.withUnsafeBufferPointer { text in
            unsafe values.withUnsafeBufferPointer { values in
                unsafe output.withUnsafeMutableBufferPointer { output, used in
                    // Three bytes are written by one store of four, of which the last is zero: it needs room too.
                    let end = min(text.count / 4, max(0, output.count - used - 1) / 3) * 4
                    guard end > 0, let start = UnsafeMutableRawPointer(output.baseAddress) else { return 0 }
                    var (index, place) = (0, used)
                    while index < end {
                        let bits =
                            unsafe values[Int(text[index])] | values[Int(text[index &+ 1]) &+ 256]
                            | values[Int(text[index &+ 2]) &+ 512] | values[Int(text[index &+ 3]) &+ 768]
                        guard bits < noDigit else { break }
                        unsafe start.storeBytes(of: (bits << 8).bigEndian, toByteOffset: place, as: UInt32.self)
                        (index, place) = (index &+ 4, place &+ 3)
                    }
                    used = place
                    return index
                }
            }
        }
    }

    /// Puts out the bytes of a last group that is padded.
    private static func finish(
        _ quantum: UInt32, _ digits: Int, _ padding: Int, at end: Int, into output: inout OutputSpan<UInt8>
    ) throws(Failure) {
        guard digits > 0 else { return }
        guard digits + padding == 4 else { throw Failure(position: end, fault: .cutShort) }
        let bits = quantum << UInt32(6 * padding)
        guard bits & (padding == 1 ? 0xff : 0xffff) == 0 else { throw Failure(position: end, fault: .strayBits) }
        output.append(UInt8(truncatingIfNeeded: bits >> 16))
        if padding == 1 { output.append(UInt8(truncatingIfNeeded: bits >> 8)) }
    }

    /// Where the next line begins, if only blanks stand between `index` and the end of this one.
    private static func nextLine(_ text: Span<UInt8>, _ index: Int, _ end: Int) -> Int? {
        var index = index
        while index < end, text[index] == UInt8(ascii: " ") || text[index] == UInt8(ascii: "\t") { index += 1 }
        if index + 1 < end, text[index] == UInt8(ascii: "\r") { index += 1 }
        if index == end { return end }
        return text[index] == UInt8(ascii: "\n") ? index + 1 : nil
    }

    /// The value of each digit at each of the four places of a group; ``noDigit`` for every other byte.
    private static let values: [UInt32] = {
        var values = [UInt32](repeating: noDigit, count: 4 * 256)
        for place in 0..<4 {
            for (value, digit) in digits.utf8.enumerated() {
                values[256 * place + Int(digit)] = UInt32(value) << UInt32(18 - 6 * place)
            }
        }
        return values
    }()

    /// More than a group's 24 bits.
    private static let noDigit: UInt32 = 1 << 24

    private static let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
}

extension Base64 {
    /// The length of `count` bytes as text, with a line feed after every 64 characters and at the end.
    static func encodedCount(_ count: Int) -> Int {
        let characters = (count + 2) / 3 * 4
        return characters + (characters + 63) / 64
    }

    /// Encodes `bytes` in lines of 64 characters that each end in a line feed.
    static func encode(_ bytes: Span<UInt8>, into output: inout OutputSpan<UInt8>) {
        let digits = Base64.digits.utf8Span.span
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group =
                UInt32(bytes[start]) << 16
                | (start + 1 < bytes.count ? UInt32(bytes[start + 1]) << 8 : 0)
                | (start + 2 < bytes.count ? UInt32(bytes[start + 2]) : 0)
            for place in 0..<4 {
                let isPadding = start + place > bytes.count
                output.append(isPadding ? UInt8(ascii: "=") : digits[Int(group >> UInt32(18 - 6 * place) & 0x3f)])
            }
            if start % 48 == 45 || start + 3 >= bytes.count { output.append(UInt8(ascii: "\n")) }
        }
    }
}
