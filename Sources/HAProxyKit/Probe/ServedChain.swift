public import CertKit

/// What a server sent in a handshake: its own certificate and the chain, as bytes that nobody has judged yet.
public struct ServedChain: Sendable, Hashable {
    /// DER, the server's own certificate first, the others in the order in which they were sent; never empty.
    public let certificates: [[UInt8]]
    /// The first certificate's fingerprint.
    public let leafFingerprint: Fingerprint

    /// Takes the certificates in the order in which they were sent.
    public init(leaf: [UInt8], others: [[UInt8]] = []) {
        certificates = [leaf] + others
        leafFingerprint = Fingerprint(ofDER: leaf.span)
    }
}
