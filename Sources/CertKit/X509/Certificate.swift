public import FoundationEssentials

/// A certificate: its DER, well formed, and what it says.
///
/// One strict walk records where the parts stand; they are decoded when they are asked for. Nothing here has been verified
/// by cryptography: ``isSigned(by:)`` and ``checkedByLibcrypto(recalling:)`` do that.
public struct Certificate: Sendable {
    /// The certificate's bytes.
    public let der: [UInt8]
    let layout: CertificateLayout

    /// Reads the whole of `der`.
    ///
    /// - Throws: ``CertificateError/malformed(_:offset:)`` for whatever RFC 5280 does not allow.
    public init(der: [UInt8]) throws(CertificateError) {
        do throws(DERError) {
            layout = try CertificateLayout(der.span)
        } catch {
            throw CertificateError(error)
        }
        self.der = der
    }
}

extension Certificate: Hashable {
    /// Compares the DER.
    public static func == (left: Self, right: Self) -> Bool {
        left.der.span.equals(0..<left.der.count, right.der.span, 0..<right.der.count)
    }

    /// Hashes the end of the DER, which is a signature's: certificates differ there, and a whole one takes long to hash.
    public func hash(into hasher: inout Hasher) { der.span.hashEnd(into: &hasher) }
}

extension Certificate {
    /// SHA-256 of the DER.
    public var fingerprint: Fingerprint { Fingerprint(ofDER: der.span) }
    /// SHA-1 of the DER, 20 bytes, as HAProxy prints it; nothing is trusted for it.
    public var sha1: [UInt8] { Digest.sha1(der.span) }
    /// The serial number.
    public var serial: SerialNumber { SerialNumber(bytes: der.span.copy(layout.serial)) }
    /// Valid from this moment on.
    public var notBefore: Date { Date(timeIntervalSince1970: Double(layout.notBefore)) }
    /// Valid to this moment, which still belongs to it.
    public var notAfter: Date { Date(timeIntervalSince1970: Double(layout.notAfter)) }
    /// From notBefore to notAfter, in seconds; negative where they stand the wrong way round.
    public var lifetime: TimeInterval { Double(layout.notAfter - layout.notBefore) }
    /// Who is named.
    public var subject: DistinguishedName { DistinguishedName(checked: der[layout.subject]) }
    /// Who signed.
    public var issuer: DistinguishedName { DistinguishedName(checked: der[layout.issuer]) }
    /// Whether subject and issuer are one name; whether the key signed itself is ``isSigned(by:)``'s to say.
    public var isSelfIssued: Bool { der.span.equals(layout.subject, der.span, layout.issuer) }
    /// The key of the subject.
    public var publicKey: PublicKey { PublicKey(checked: der[layout.publicKey], kind: layout.publicKeyKind) }
    /// How it was signed.
    public var signatureAlgorithm: SignatureAlgorithm { layout.signatureAlgorithm }

    /// Whether `issuer` bears the name that this certificate gives its issuer; says nothing about the signature.
    public func namesAsIssuer(_ issuer: Certificate) -> Bool {
        der.span.equals(layout.issuer, issuer.der.span, issuer.layout.subject)
    }
}
