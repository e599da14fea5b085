/// What HAProxy loads (`combined.pem`): a leaf, its chain and its key, which agree.
public struct Bundle: Sendable {
    /// The server's own certificate.
    public let leaf: Certificate
    /// The intermediates, nearest issuer first, without the root.
    public let chain: [Certificate]
    let key: PrivateKey

    /// Pairs a leaf with its chain and its key.
    ///
    /// - Throws: ``BundleError/keyDoesNotMatchLeaf(lineage:)`` when the key belongs to another certificate.
    public init(lineage: String, leaf: Certificate, chain: [Certificate], key: PrivateKey) throws(BundleError) {
        guard key.matches(leaf) else { throw .keyDoesNotMatchLeaf(lineage: lineage) }
        self.leaf = leaf
        self.chain = chain.filter { !$0.isSelfSigned }
        self.key = key
    }

    /// The canonical bytes: leaf, chain and key as PEM with line feeds and lines of 64 characters, nothing else.
    ///
    /// Two bundles of the same content have the same bytes, so that "nothing to do" is a comparison; and HAProxy's Runtime
    /// API takes them as they are, since they hold no empty line.
    public func rendered() -> SecretBytes {
        let certificates = [leaf] + chain
        let capacity = certificates.reduce(key.pemCount) { $0 + $1.pemCount }
        return SecretBytes(capacity: capacity) { output in
            for certificate in certificates { certificate.appendPEM(to: &output) }
            key.appendPEM(to: &output)
        }
    }
}

/// Why three parts are no bundle.
@nonexhaustive
public enum BundleError: Diagnosis, Equatable {
    /// The private key belongs to another certificate.
    case keyDoesNotMatchLeaf(lineage: String)

    /// What is wrong and where.
    public var description: String {
        switch self {
        case .keyDoesNotMatchLeaf(let lineage): "\(lineage): the private key does not belong to the certificate"
        }
    }

    /// What an operator can do about it.
    public var remedy: String {
        switch self {
        case .keyDoesNotMatchLeaf:
            "compare openssl pkey -in privkey.pem -pubout with openssl x509 -in cert.pem -pubkey -noout; a renewal may have been interrupted"
        }
    }

    /// The rule of the catalogue this error falls under.
    public var findingID: FindingID {
        switch self {
        case .keyDoesNotMatchLeaf: .keyMismatch
        }
    }
}
