/// What was sent with a leaf, put in order: the path from the leaf towards a trust anchor, and what does not belong.
///
/// The path is found by issuer name, key identifier and signature (RFC 5280, 6.1), never by position, so a chain that
/// was sent in another order is repaired where the order is unique.
public struct Chain: Sendable {
    /// The certificate that the chain is for.
    public let leaf: Certificate
    /// What was sent after the leaf, as it was sent.
    public let sent: [Certificate]
    /// The intermediates of ``sent`` that lead from the leaf upwards, nearest issuer first, without a root.
    ///
    /// Of two ways, as with cross-signed intermediates, it is the one that ends in an anchor and lasts longest.
    public let path: [Certificate]
    /// The trust anchor that ends the path, where the store has one.
    public let anchor: Certificate?
    /// How many of ``path`` are needed to reach the anchor: those above an anchored one are sent for older clients.
    public let neededCount: Int
    /// Whether two different orders would be right, as with cross-signed intermediates.
    public let isAmbiguous: Bool
    /// Whether the leaf is signed with its own key.
    let leafIsSelfSigned: Bool
    /// Those of ``sent`` that are signed with their own key.
    let roots: Set<Certificate>
    /// Those of ``sent`` that lie on any way upwards from the leaf: the path and its alternatives.
    let related: Set<Certificate>
    /// Those of the alternatives that were sent before the certificate of ``needed`` that stands in their place.
    let overtaking: [Certificate]

    /// Follows the issuers of `leaf` through `sent`.
    ///
    /// A chain made to have very many possible issuers is not followed to its end, and found to be broken.
    /// - Parameters:
    ///   - leaf: the server's own certificate.
    ///   - sent: the certificates beside it, in any order; a repeated leaf or a root among them is no part of the path.
    ///   - trust: where a path may end; without it the chain has no anchor.
    ///   - signatures: what is believed without verifying it, and told what is verified now; without it every signature is
    ///     verified.
    ///   - evidence: what it takes to believe that one issued another.
    public init(
        leaf: Certificate, sent: [Certificate], trust: TrustStore?, recalling signatures: SignatureMemory? = nil,
        believing evidence: IssuanceEvidence = .signature
    ) {
        self.leaf = leaf
        self.sent = sent
        var issuance = Issuance(
            leaf: leaf, sent: sent, recalling: signatures, believing: evidence, issuers: trust?.recentIssuers)
        let search = ChainSearch(&issuance, trust: trust)
        let certificates = issuance.certificates
        path = search.path.map { certificates[$0] }
        anchor = search.anchor
        neededCount = search.neededCount
        isAmbiguous = search.isAmbiguous
        related = Set(search.reached.subtracting([0]).map { certificates[$0] })
        overtaking = search.overtaking.map { certificates[$0] }
        leafIsSelfSigned = issuance.isRoot(0)
        var roots: Set<Certificate> = []
        for index in certificates.indices.dropFirst() where issuance.isRoot(index) { roots.insert(certificates[index]) }
        self.roots = roots
    }

    /// What a server should send after the leaf: the path, or where two orders are right, what was sent of both, without
    /// repetitions.
    public var rendered: [Certificate] {
        guard isAmbiguous else { return path }
        var seen: Set<Certificate> = []
        return sent.filter { related.contains($0) && seen.insert($0).inserted }
    }

    /// The intermediates without which no anchor is reached.
    public var needed: ArraySlice<Certificate> { path.prefix(neededCount) }
}
