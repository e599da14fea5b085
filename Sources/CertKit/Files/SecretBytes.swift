import COpenSSL

/// Bytes that hold a private key: never copied by accident, never printed, cleansed when the last owner lets go.
///
/// There is one buffer, written once while it is made and read-only from then on. Its description and its mirror show
/// a length and nothing else.
public struct SecretBytes: Sendable {
    private let storage: Storage

    /// Makes a buffer of at most `capacity` bytes that `body` fills.
    public init<Failure: Error>(
        capacity: Int, initializingWith body: (inout OutputSpan<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        storage = try Storage(capacity: capacity, initializingWith: body)
    }

    /// Copies `bytes`, which stay the caller's to cleanse.
    public init(copying bytes: Span<UInt8>) {
        self.init(capacity: bytes.count) { output in
            for index in bytes.indices { output.append(bytes[index]) }
        }
    }

    /// The number of bytes.
    public var count: Int { storage.count }

    /// Lends the bytes for the duration of `body`.
    public func withSpan<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(Span(_unsafeElements: storage.bytes))
    }
}

extension SecretBytes {
    /// Owns the memory.
    ///
    /// `@unchecked Sendable`: the buffer is written only inside `init`, before anybody else can hold a reference, and
    /// freed only in `deinit`, after the last reference is gone. In between it is only read.
    @safe private final class Storage: @unchecked Sendable {
        private let whole: UnsafeMutableBufferPointer<UInt8>
        private let used: Int

        init<Failure: Error>(
            capacity: Int, initializingWith body: (inout OutputSpan<UInt8>) throws(Failure) -> Void
        ) throws(Failure) {
            let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: capacity)
            var output = unsafe OutputSpan(buffer: buffer, initializedCount: 0)
            do throws(Failure) {
                try body(&output)
            } catch {
                _ = unsafe output.finalize(for: buffer)
                unsafe OPENSSL_cleanse(buffer.baseAddress, capacity)
                unsafe buffer.deallocate()
                throw error
            }
            used = unsafe output.finalize(for: buffer)
            unsafe whole = buffer
        }

        deinit {
            unsafe OPENSSL_cleanse(whole.baseAddress, whole.count)
            unsafe whole.deallocate()
        }

        var count: Int { used }
        var bytes: UnsafeBufferPointer<UInt8> { unsafe UnsafeBufferPointer(rebasing: whole[..<used]) }
    }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A length, never the bytes.
    public var description: String { "SecretBytes(\(count) bytes)" }
    /// The same as ``description``.
    public var debugDescription: String { description }
    /// Shows nothing of the storage.
    public var customMirror: Mirror { Mirror(self, children: ["count": count]) }
}

extension SecretBytes: Equatable {
    /// Compares in constant time for equal lengths.
    public static func == (left: SecretBytes, right: SecretBytes) -> Bool {
        guard left.count == right.count else { return false }
        return left.withSpan { one in
            right.withSpan { other in
                unsafe one.withUnsafeBufferPointer { a in
                    unsafe other.withUnsafeBufferPointer { b in
                        unsafe CRYPTO_memcmp(a.baseAddress, b.baseAddress, a.count) == 0
                    }
                }
            }
        }
    }
}
