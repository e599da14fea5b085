internal import COpenSSL

/// SHA-256 of a certificate's DER: the way to say that two certificates are the same one.
public struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
    /// The 32 bytes of the digest.
    public let bytes: [UInt8]

    /// Digests `der`.
    public init(ofDER der: Span<UInt8>) {
        bytes = Digest.sha256(der)
    }

    /// Lower-case hex without colons.
    public var description: String { hexadecimal(bytes) }
}

/// The digests that the stations are compared by.
public enum Digest {
    /// SHA-256, 32 bytes.
    public static func sha256(_ bytes: Span<UInt8>) -> [UInt8] { sha256(bytes, Span()) }

    /// SHA-256 of one text followed by another, 32 bytes.
    static func sha256(_ first: Span<UInt8>, _ second: Span<UInt8>) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { buffer, count in
            unsafe first.withUnsafeBufferPointer { first in
                unsafe second.withUnsafeBufferPointer { second in
                    unsafe certd_sha256(
                        first.baseAddress, first.count, second.baseAddress, second.count, buffer.baseAddress)
                }
            }
            count = Int(SHA256_DIGEST_LENGTH)
        }
    }

    /// SHA-256 of words as they stand in memory, 32 bytes; for this machine alone.
    static func sha256(words: Span<UInt64>) -> [UInt8] {
        unsafe words.withUnsafeBytes { bytes in
            unsafe sha256(Span(_unsafeElements: bytes.assumingMemoryBound(to: UInt8.self)))
        }
    }

    /// SHA-1, 20 bytes: what `show ssl cert` prints of a loaded certificate, nothing is trusted for it.
    public static func sha1(_ bytes: Span<UInt8>) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: Int(SHA_DIGEST_LENGTH)) { buffer, count in
            unsafe bytes.withUnsafeBufferPointer { input in
                unsafe certd_sha1(input.baseAddress, input.count, buffer.baseAddress)
            }
            count = Int(SHA_DIGEST_LENGTH)
        }
    }
}

/// Lower-case hex, two digits a byte.
public func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    var digits: [UInt8] = []
    digits.reserveCapacity(2 * bytes.underestimatedCount)
    for byte in bytes {
        digits.append(hexDigit(byte >> 4))
        digits.append(hexDigit(byte & 0x0f))
    }
    return String(decoding: digits, as: UTF8.self)
}

private func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}
