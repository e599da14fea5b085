/// A private key: its DER in one locked-down buffer, and the public half that libcrypto computed from it.
///
/// The public half is never taken on trust from the file: a key file whose halves differ is not read.
public struct PrivateKey: Sendable {
    /// The public half.
    public let publicKey: PublicKey
    /// The wrapping it came in, and leaves in.
    let format: Format
    let der: SecretBytes

    /// How a private key is wrapped.
    enum Format: String, Sendable {
        /// PKCS#8 (RFC 5958, version 1).
        case pkcs8 = "PRIVATE KEY"
        /// PKCS#1 (RFC 8017, appendix A.1.2).
        case pkcs1 = "RSA PRIVATE KEY"
        /// SEC 1 (RFC 5915).
        case sec1 = "EC PRIVATE KEY"
    }

    /// Reads the whole of `der`.
    init(der: SecretBytes, format: Format) throws(PrivateKeyError) {
        self.der = der
        self.format = format
        publicKey = try der.withSpan { (bytes) throws(PrivateKeyError) in
            let layout: PrivateKeyLayout
            do throws(DERError) {
                layout = try PrivateKeyLayout(bytes, format: format)
            } catch {
                throw .malformed(error.fault)
            }
            return try PublicKey(ofPrivateKey: layout, in: bytes)
        }
    }

    /// Reads the whole of `der`; where it is known to be the key that is expected, its public half is not computed again.
    init(der: SecretBytes, format: Format, expecting expected: ExpectedKey) throws(PrivateKeyError) {
        var computed: PublicKey?
        try der.withSpan { bytes throws(PrivateKeyError) in
            let isKnown = expected.memory.holds(expected.publicKey, halfOf: bytes, labelled: format.rawValue)
            if isKnown { return }
            let own = try PrivateKey(der: der, format: format).publicKey
            if own == expected.publicKey {
                expected.memory.remember(own, halfOf: bytes, labelled: format.rawValue)
            }
            computed = own
        }
        (self.der, self.format, publicKey) = (der, format, computed ?? expected.publicKey)
    }

    /// The algorithm and its size.
    public var kind: PublicKey.Kind { publicKey.kind }

    /// Whether it is the key of this certificate.
    public func matches(_ leaf: Certificate) -> Bool { publicKey == leaf.publicKey }
}

/// The public half of the private key that a file is expected to hold, and the memory of pairs that belong together.
struct ExpectedKey {
    let publicKey: PublicKey
    let memory: SignatureMemory
}

extension PrivateKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The kind, never the key.
    public var description: String { "PrivateKey(\(kind))" }
    /// The same as ``description``.
    public var debugDescription: String { description }
    /// Shows the public half alone.
    public var customMirror: Mirror { Mirror(self, children: ["publicKey": publicKey]) }
}
