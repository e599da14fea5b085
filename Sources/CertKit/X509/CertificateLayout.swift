/// Where the parts of a certificate stand in its DER, recorded in one strict walk (RFC 5280, section 4.1).
///
/// Whoever holds one knows that the DER is well formed; what it does not record is decoded when it is asked for.
struct CertificateLayout: Sendable {
    /// TBSCertificate: what is signed.
    let signed: Range<Int>
    /// The number's bytes, without a zero in front.
    let serial: Range<Int>
    let issuer: Range<Int>
    /// Seconds since 1970.
    let notBefore: Int64
    let notAfter: Int64
    let subject: Range<Int>
    let publicKey: Range<Int>
    let publicKeyKind: PublicKey.Kind
    let extensions: ExtensionsLayout
    let signatureAlgorithm: SignatureAlgorithm
    /// The signature's bytes.
    let signature: Range<Int>

    init(_ bytes: Span<UInt8>) throws(DERError) {
        var file = DERCursor(0..<bytes.count)
        var certificate = try file.enter(DERTag.sequence, in: bytes)
        try file.finish()
        let signedElement = try certificate.element(DERTag.sequence, in: bytes)
        let outerAlgorithm = try certificate.element(DERTag.sequence, in: bytes)
        signed = signedElement.whole
        signatureAlgorithm = SignatureAlgorithm(try AlgorithmIdentifier(outerAlgorithm, in: bytes), in: bytes)
        signature = try bytes.wholeBytes(try certificate.element(DERTag.bitString, in: bytes).content)
        try certificate.finish()

        var body = DERCursor(signedElement.content)
        let version = try Self.version(&body, in: bytes)
        serial = try bytes.magnitude(try body.element(DERTag.integer, in: bytes).content)
        guard serial.count <= 20 else { throw DERError(.badInteger, at: serial.lowerBound) }
        let innerAlgorithm = try body.element(DERTag.sequence, in: bytes)
        guard bytes.equals(innerAlgorithm.whole, bytes, outerAlgorithm.whole) else {
            throw DERError(.algorithmsDisagree, at: innerAlgorithm.whole.lowerBound)
        }
        issuer = try Self.name(&body, in: bytes)
        var validity = try body.enter(DERTag.sequence, in: bytes)
        notBefore = try bytes.secondsSince1970(try validity.element(in: bytes))
        notAfter = try bytes.secondsSince1970(try validity.element(in: bytes))
        try validity.finish()
        subject = try Self.name(&body, in: bytes)
        let key = try body.element(DERTag.sequence, in: bytes)
        publicKey = key.whole
        publicKeyKind = try PublicKey.Kind(key.content, of: bytes)
        extensions = try Self.optionalParts(&body, version: version, in: bytes)
        try body.finish()
    }

    /// 0, 1 or 2 for the versions 1, 2 and 3; the default 0 is never spelled out.
    private static func version(_ body: inout DERCursor, in bytes: Span<UInt8>) throws(DERError) -> Int {
        guard let wrapper = try body.optional(DERTag.constructed(0), in: bytes) else { return 0 }
        var inner = DERCursor(wrapper.content)
        let version = try bytes.smallInteger(try inner.element(DERTag.integer, in: bytes).content)
        try inner.finish()
        guard version == 1 || version == 2 else { throw DERError(.badVersion, at: wrapper.whole.lowerBound) }
        return version
    }

    private static func name(_ body: inout DERCursor, in bytes: Span<UInt8>) throws(DERError) -> Range<Int> {
        let name = try body.element(DERTag.sequence, in: bytes)
        try bytes.checkName(name)
        return name.whole
    }

    /// The unique identifiers, which nobody uses, belong to versions 2 and 3, extensions to version 3.
    private static func optionalParts(
        _ body: inout DERCursor, version: Int, in bytes: Span<UInt8>
    ) throws(DERError) -> ExtensionsLayout {
        let start = body.position
        for number: UInt8 in [1, 2] {
            guard let identifier = try body.optional(DERTag.context(number), in: bytes) else { continue }
            _ = try bytes.bits(identifier.content)
        }
        guard body.position == start || version >= 1 else { throw DERError(.badVersion, at: start) }
        guard let wrapper = try body.optional(DERTag.constructed(3), in: bytes) else { return ExtensionsLayout() }
        guard version == 2 else { throw DERError(.badVersion, at: wrapper.whole.lowerBound) }
        return try ExtensionsLayout(wrapper.content, of: bytes)
    }
}
