/// A certificate's serial number: up to 20 bytes, never an `Int`.
public struct SerialNumber: Hashable, Sendable, CustomStringConvertible {
    /// The number's bytes, the highest first, without a zero in front; one zero byte for zero.
    public let bytes: [UInt8]

    /// Takes the number's bytes; zeros in front make no difference.
    public init(bytes: [UInt8]) {
        let digits = bytes.drop { $0 == 0 }
        self.bytes = digits.isEmpty ? [0] : Array(digits)
    }

    /// Lower-case hex, two digits a byte.
    public var description: String { hexadecimal(bytes) }
}
