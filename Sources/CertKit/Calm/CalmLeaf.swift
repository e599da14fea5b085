internal import FoundationEssentials

/// A leaf by its DER in somebody's buffer.
struct CalmLeaf {
    let layout: CertificateLayout
    /// Where its text ends.
    let end: Int

    /// Decodes the certificate that `text` begins with into `der`.
    init?(startOf text: Span<UInt8>, into der: ReusedBytes) {
        guard text.count <= PEMBlock.sizeLimit else { return nil }
        do {
            var scanner = PEMScanner(text)
            guard let block = try scanner.nextBlock(in: text), block.isCertificate,
                try der.fill(
                    atMost: Base64.decodedCapacity(block.body.count),
                    { output throws(Base64.Failure) in try Base64.decode(text, block.body, into: &output) })
            else { return nil }
            end = scanner.position
            layout = try der.withSpan { bytes throws(DERError) in try CertificateLayout(bytes) }
        } catch {
            return nil
        }
    }

    var notBefore: Date { Date(timeIntervalSince1970: Double(layout.notBefore)) }
    var notAfter: Date { Date(timeIntervalSince1970: Double(layout.notAfter)) }

    /// Whether nobody could find fault with its dates and its kind of key and signature.
    func isCalm(on now: Date, thresholds: Thresholds) -> Bool {
        let dates = CalmLineage(notBefore: notBefore, notAfter: notAfter)
        guard dates.isInTime(on: now, thresholds: thresholds), !layout.signatureAlgorithm.isWeak
        else { return false }
        // One that lives longer than public CAs may let it is calm if its CA is one's own, and is looked at in full.
        guard let limit = ValidityLimit.days(from: notBefore) else { return true }
        return notAfter.timeIntervalSince(notBefore) <= Double(limit) * 86_400
    }

    /// The same of what its DER says beyond that: its names, its uses and its key.
    func isCalm(_ bytes: Span<UInt8>) -> Bool {
        let extensions = layout.extensions
        guard !extensions.isCA, !extensions.requiresStapling, let names = extensions.names, !names.isEmpty,
            extensions.allowServerAuthentication(bytes), !bytes.equals(layout.subject, bytes, layout.issuer)
        else { return false }
        switch layout.publicKeyKind {
        case .ec(.p256), .ec(.p384), .ec(.p521): return true
        case .rsa(let bits):
            // The exponent stands last, and 65537 is what nearly all have.
            let end = layout.publicKey.upperBound
            return bits >= 2048 && bytes.equals(end - 5..<end, Self.usualExponent.span, 0..<5)
        case .ec(.other), .ed25519, .other: return false
        }
    }

    private static let usualExponent: [UInt8] = [DERTag.integer, 3, 1, 0, 1]
}

extension CalmReader {
    /// Whether privkey.pem holds one private key and nothing behind it, and that is the leaf's.
    func isPaired(with leaf: CalmLeaf, _ certificate: Span<UInt8>, recalling memory: SignatureMemory?) -> Bool {
        privkey.withSpan { text in
            do {
                var scanner = PEMScanner(text)
                guard let block = try scanner.nextBlock(in: text), scanner.isAtEnd(of: text),
                    let format = PrivateKey.Format(rawValue: block.label),
                    try secret.fill(
                        atMost: Base64.decodedCapacity(block.body.count),
                        { output throws(Base64.Failure) in try Base64.decode(text, block.body, into: &output) })
                else { return false }
                return try secret.withSpan { der throws(any Error) in
                    let expected = certificate.extracting(leaf.layout.publicKey)
                    if memory?.holds(expected, halfOf: der, labelled: format.rawValue) == true { return true }
                    let own = try PublicKey(ofPrivateKey: PrivateKeyLayout(der, format: format), in: der)
                    guard expected.equals(0..<expected.count, own.bytes.span, 0..<own.bytes.count) else { return false }
                    memory?.remember(own, halfOf: der, labelled: format.rawValue)
                    return true
                }
            } catch {
                return false
            }
        }
    }
}
