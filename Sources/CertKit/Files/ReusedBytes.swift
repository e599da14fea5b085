internal import COpenSSL
internal import Glibc

/// A buffer of one size that one thing after another is read into, for whoever reads thousands of files.
///
/// Any file may hold a key, so what it ever held is cleansed when it goes. What does not fit is not read at all: every
/// method then gives false, and holds nothing.
@safe final class ReusedBytes {
    private let buffer: UnsafeMutableBufferPointer<UInt8>
    private let capacity: Int
    /// How many bytes it holds, from the start.
    private(set) var count = 0
    /// How many have ever been written.
    private var reached = 0

    init(capacity: Int) {
        self.capacity = capacity
        unsafe buffer = UnsafeMutableBufferPointer.allocate(capacity: capacity)
    }

    deinit {
        unsafe OPENSSL_cleanse(buffer.baseAddress, reached)
        unsafe buffer.deallocate()
    }

    /// Lends what it holds for the duration of `body`.
    func withSpan<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(Span(_unsafeElements: UnsafeBufferPointer(rebasing: buffer[..<count])))
    }

    /// Has `body` write it anew; at most `limit` bytes must fit.
    func fill<Failure: Error>(
        atMost limit: Int, _ body: (inout OutputSpan<UInt8>) throws(Failure) -> Void
    ) throws(Failure) -> Bool {
        count = 0
        guard limit <= capacity else { return false }
        var output = unsafe OutputSpan(buffer: buffer, initializedCount: 0)
        do throws(Failure) {
            try body(&output)
        } catch {
            reached = max(reached, unsafe output.finalize(for: buffer))
            throw error
        }
        hold(unsafe output.finalize(for: buffer))
        return true
    }

    /// Reads once from an open file; a byte stays free, so that more than fits is noticed.
    func read(from file: CInt) -> Bool {
        hold(unsafe max(0, Glibc.read(file, buffer.baseAddress, buffer.count)))
        return count > 0 && count < capacity
    }

    /// Reads the text of the symbolic link `name`, and puts a zero byte behind it.
    func readLink(_ name: StaticString, in directory: CInt) -> Bool {
        // A static string ends in a zero byte.
        let name = unsafe UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
        let read = unsafe buffer.withMemoryRebound(to: CChar.self) { text in
            // The buffer is not empty, so it has an address.
            unsafe readlinkat(directory, name, text.baseAddress.unsafelyUnwrapped, capacity - 1)
        }
        hold(max(0, read))
        guard count > 0, count < capacity - 1 else { return false }
        end(at: count)
        return true
    }

    /// Puts a text and a zero byte in place of what it holds from `place` on; there must be room.
    func replace(from place: Int, with text: StaticString) {
        precondition(place >= 0 && place + text.utf8CodeUnitCount < capacity)
        for offset in 0..<text.utf8CodeUnitCount { unsafe buffer[place + offset] = text.utf8Start[offset] }
        hold(place + text.utf8CodeUnitCount)
        end(at: count)
    }

    /// Puts a text, the digits of a number, another text and a zero byte there.
    func replace(from place: Int, with text: StaticString, number: UInt64, and last: StaticString) {
        replace(from: place, with: text)
        // Twenty digits hold any number.
        var digits = [20 of UInt8](repeating: 0)
        var first = digits.count
        var rest = number
        repeat {
            first -= 1
            digits[first] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        } while rest > 0
        precondition(count + digits.count - first < capacity)
        for index in first..<digits.count { unsafe buffer[count + index - first] = digits[index] }
        replace(from: count + digits.count - first, with: last)
    }

    /// Puts a zero byte at `place`, so that what stands before it is a text for the system.
    func end(at place: Int) {
        precondition(place < capacity)
        unsafe buffer[place] = 0
        reached = max(reached, place + 1)
    }

    /// Lends the text from `start` to the next zero byte, which ``end(at:)`` or ``readLink(_:in:)`` has put there.
    func withText<Result>(from start: Int = 0, _ body: (UnsafePointer<CChar>) -> Result) -> Result {
        precondition(start < capacity)
        return unsafe UnsafeBufferPointer(rebasing: buffer[start...]).withMemoryRebound(to: CChar.self) { text in
            // The buffer is not empty, so it has an address.
            unsafe body(text.baseAddress.unsafelyUnwrapped)
        }
    }

    private func hold(_ count: Int) {
        self.count = count
        reached = max(reached, count)
    }
}
