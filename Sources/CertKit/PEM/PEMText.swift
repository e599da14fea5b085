/// Canonical PEM: LF, lines of 64 characters, a line feed at the end.
struct PEMText {
    /// What BEGIN and END name.
    let label: String

    /// The length of the text around `count` bytes of DER.
    func count(ofDER count: Int) -> Int { Base64.encodedCount(count) + 2 * label.utf8.count + 32 }

    /// Appends the block, straight into the buffer it is meant for.
    func append(_ der: Span<UInt8>, to output: inout OutputSpan<UInt8>) {
        for byte in "-----BEGIN ".utf8 { output.append(byte) }
        for byte in label.utf8 { output.append(byte) }
        for byte in "-----\n".utf8 { output.append(byte) }
        Base64.encode(der, into: &output)
        for byte in "-----END ".utf8 { output.append(byte) }
        for byte in label.utf8 { output.append(byte) }
        for byte in "-----\n".utf8 { output.append(byte) }
    }
}

extension Certificate {
    private static let text = PEMText(label: "CERTIFICATE")

    /// The length of ``pem`` in bytes.
    public var pemCount: Int { Self.text.count(ofDER: der.count) }

    /// Appends the certificate as canonical PEM: ``pemCount`` bytes.
    public func appendPEM(to output: inout OutputSpan<UInt8>) { Self.text.append(der.span, to: &output) }

    /// The certificate as canonical PEM.
    public var pem: String {
        String(decoding: [UInt8](capacity: pemCount) { appendPEM(to: &$0) }, as: UTF8.self)
    }
}

extension PrivateKey {
    /// The length of the key as PEM, in bytes.
    public var pemCount: Int { PEMText(label: format.rawValue).count(ofDER: der.count) }

    /// Appends the key as canonical PEM, ``pemCount`` bytes, under the label it came with.
    public func appendPEM(to output: inout OutputSpan<UInt8>) {
        der.withSpan { PEMText(label: format.rawValue).append($0, to: &output) }
    }
}
