/// A record as somebody keeps it, behind something else in a file.
public struct KeptRecord: Sendable {
    private let bytes: SecretBytes
    private let start: Int

    /// The part of `bytes` from `start` on.
    public init(_ bytes: SecretBytes, from start: Int) {
        precondition(start >= 0 && start <= bytes.count)
        (self.bytes, self.start) = (bytes, start)
    }

    /// Copies a record.
    init(copying record: Span<UInt8>) { self.init(SecretBytes(copying: record), from: 0) }

    /// Lends it for the duration of `body`.
    func withSpan<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        bytes.withSpan { body($0.extracting(start...)) }
    }
}
