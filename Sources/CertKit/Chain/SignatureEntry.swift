/// One entry of a ``SignatureMemory``: a SHA-256 as four numbers, because the daemon keeps one for each of 10,000 certificates
/// and an array would take more than twice the room.
struct SignatureEntry: Hashable, Sendable {
    private let words: SIMD4<UInt64>

    /// Takes the 32 bytes of a digest.
    init(_ digest: [UInt8]) {
        var words = SIMD4<UInt64>()
        for (index, byte) in digest.enumerated() {
            words[index / 8] |= UInt64(byte) << (index % 8 * 8)
        }
        self.words = words
    }

    /// The digest.
    var bytes: [UInt8] {
        (0..<32).map { UInt8(truncatingIfNeeded: words[$0 / 8] >> ($0 % 8 * 8)) }
    }
}
