/// Puts DER together; for public keys only, whose bytes are no secret.
enum DERWriter {
    /// One element around `parts`.
    static func element(_ tag: UInt8, _ parts: [UInt8]...) -> [UInt8] {
        let count = parts.reduce(0) { $0 + $1.count }
        var bytes: [UInt8] = [tag]
        if count < 0x80 {
            bytes.append(UInt8(count))
        } else {
            let lengthBytes = (count.bitWidth - count.leadingZeroBitCount + 7) / 8
            bytes.append(0x80 | UInt8(lengthBytes))
            for place in (0..<lengthBytes).reversed() { bytes.append(UInt8(truncatingIfNeeded: count >> (8 * place))) }
        }
        for part in parts { bytes += part }
        return bytes
    }
}
