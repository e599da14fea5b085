/// What a certificate's key may be used for (RFC 5280, section 4.2.1.3).
public struct KeyUsage: OptionSet, Sendable, Hashable {
    /// Bit n is the extension's bit n.
    public let rawValue: UInt16

    /// Takes the bits.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Signs handshakes.
    public static let digitalSignature = KeyUsage(rawValue: 1 << 0)
    /// Signs what must not be denied later.
    public static let contentCommitment = KeyUsage(rawValue: 1 << 1)
    /// Receives keys: RSA key exchange.
    public static let keyEncipherment = KeyUsage(rawValue: 1 << 2)
    /// Receives data.
    public static let dataEncipherment = KeyUsage(rawValue: 1 << 3)
    /// Agrees on keys.
    public static let keyAgreement = KeyUsage(rawValue: 1 << 4)
    /// Signs certificates.
    public static let keyCertSign = KeyUsage(rawValue: 1 << 5)
    /// Signs revocation lists.
    public static let crlSign = KeyUsage(rawValue: 1 << 6)
    /// Agrees on keys to encrypt only.
    public static let encipherOnly = KeyUsage(rawValue: 1 << 7)
    /// Agrees on keys to decrypt only.
    public static let decipherOnly = KeyUsage(rawValue: 1 << 8)
}

extension KeyUsage {
    /// Reads the bit string's content, whose first bit is the highest of its first byte.
    init(_ bytes: Span<UInt8>, _ content: Range<Int>) throws(DERError) {
        let bits = try bytes.bits(content).bytes
        var value: UInt16 = 0
        for (place, index) in bits.prefix(2).enumerated() {
            for bit in 0..<8 where bytes[index] & (0x80 >> bit) != 0 { value |= 1 << (8 * place + bit) }
        }
        // RFC 5280 wants one bit at least.
        guard value != 0 else { throw DERError(.badBitString, at: content.lowerBound) }
        self.init(rawValue: value)
    }
}
