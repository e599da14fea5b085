internal import Glibc

/// Searching in borrowed bytes at the speed of the C library.
extension Span<UInt8> {
    /// The first place in `range` that holds `byte`.
    func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int? {
        // The extracted span is bounds-checked; memchr reads exactly its bytes.
        unsafe extracting(range).withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress, let found = unsafe memchr(base, Int32(byte), buffer.count) else {
                return nil
            }
            return unsafe range.lowerBound + (UnsafeRawPointer(found) - UnsafeRawPointer(base))
        }
    }

    /// The first place in `range` at which `text` begins.
    func firstIndex(of text: StaticString, in range: Range<Int>) -> Int? {
        let first = unsafe text.utf8Start.pointee
        var rest = range
        while let candidate = firstIndex(of: first, in: rest) {
            if starts(with: text, in: candidate..<range.upperBound) { return candidate }
            rest = (candidate + 1)..<range.upperBound
        }
        return nil
    }

    /// Whether the bytes of `range` begin with `text`.
    func starts(with text: StaticString, in range: Range<Int>) -> Bool {
        unsafe extracting(range).withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress, buffer.count >= text.utf8CodeUnitCount else { return false }
            return unsafe memcmp(base, text.utf8Start, text.utf8CodeUnitCount) == 0
        }
    }

    /// Whether the bytes of `range` are those of `otherRange` in `other`.
    func equals(_ range: Range<Int>, _ other: Span<UInt8>, _ otherRange: Range<Int>) -> Bool {
        guard range.count == otherRange.count else { return false }
        return unsafe extracting(range).withUnsafeBufferPointer { one in
            unsafe other.extracting(otherRange).withUnsafeBufferPointer { two in
                guard let first = one.baseAddress, let second = two.baseAddress else { return one.count == two.count }
                return unsafe memcmp(first, second, one.count) == 0
            }
        }
    }

    /// Whether the bytes of `range` come before those of `otherRange` in `other`, of which there are as many.
    func isLess(_ range: Range<Int>, than other: Span<UInt8>, _ otherRange: Range<Int>) -> Bool {
        precondition(range.count == otherRange.count)
        return unsafe extracting(range).withUnsafeBufferPointer { one in
            unsafe other.extracting(otherRange).withUnsafeBufferPointer { two in
                guard let first = one.baseAddress, let second = two.baseAddress else { return false }
                return unsafe memcmp(first, second, one.count) < 0
            }
        }
    }

    /// Feeds all bytes to `hasher`.
    func hash(into hasher: inout Hasher) {
        unsafe withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }

    /// Feeds the last bytes to `hasher`, where what ends in a signature or a key differs from its like.
    func hashEnd(into hasher: inout Hasher) { extracting(Swift.max(0, count - 32)..<count).hash(into: &hasher) }

    /// A copy of the bytes of `range`.
    func copy(_ range: Range<Int>) -> [UInt8] {
        [UInt8](capacity: range.count) { output in
            for index in range { output.append(self[index]) }
        }
    }

    /// The bytes of `range` as UTF-8, each invalid one replaced.
    func text(_ range: Range<Int>) -> String {
        unsafe extracting(range).withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }
}
