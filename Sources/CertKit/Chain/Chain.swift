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
    public let path: [Certificate]
    /// The trust anchor that ends the path, where the store has one.
    public let anchor: Certificate?
    /// How many of ``path`` are needed to reach the anchor: those above an anchored one are sent for older clients.
    public let neededCount: Int
    /// Whether two different orders would be right, as with cross-signed intermediates.
    public let isAmbiguous: Bool

    /// Follows the issuers of `leaf` through `sent`.
    ///
    /// - Parameters:
    ///   - leaf: the server's own certificate.
    ///   - sent: the certificates beside it, in any order; a repeated leaf or a root among them is no part of the path.
    ///   - trust: where a path may end; without it the chain has no anchor.
    public init(leaf: Certificate, sent: [Certificate], trust: TrustStore?) {
        self.leaf = leaf
        self.sent = sent
        var path: [Certificate] = []
        var last = leaf
        var ambiguous = false
        while !last.isSelfSigned {
            let issuers = sent.filter { candidate in
                candidate != leaf && !path.contains(candidate) && candidate.issued(last)
            }
            let intermediates = Chain.distinct(issuers.filter { !$0.isSelfSigned })
            guard let next = intermediates.first else { break }
            ambiguous = ambiguous || intermediates.count > 1
            path.append(next)
            last = next
        }
        self.path = path
        isAmbiguous = ambiguous

        var anchor: Certificate?
        var needed = path.count
        if let trust, !leaf.isSelfSigned {
            for (position, certificate) in ([leaf] + path).enumerated() {
                guard let found = trust.anchor(issuing: certificate) else { continue }
                anchor = found
                needed = position
                break
            }
        }
        self.anchor = anchor
        neededCount = needed
    }

    /// What a server should send after the leaf: the path, or where two orders are right, what was sent, without roots
    /// and repetitions.
    public var rendered: [Certificate] {
        guard isAmbiguous else { return path }
        return Chain.distinct(sent).filter { $0 != leaf && !$0.isSelfSigned }
    }

    /// The intermediates without which no anchor is reached.
    public var needed: ArraySlice<Certificate> { path.prefix(neededCount) }

    private static func distinct(_ certificates: [Certificate]) -> [Certificate] {
        var seen: Set<Certificate> = []
        return certificates.filter { seen.insert($0).inserted }
    }
}

extension Certificate {
    /// Whether this certificate's key signed `other` under the name that `other` gives as its issuer.
    func issued(_ other: Certificate) -> Bool {
        couldHaveIssued(other) && other.isSigned(by: self)
    }

    /// Whether names and key identifiers allow this certificate to be the issuer of `other` (RFC 5280, 4.2.1.1).
    func couldHaveIssued(_ other: Certificate) -> Bool {
        guard subject == other.issuer else { return false }
        guard let expected = other.authorityKeyIdentifier, let own = subjectKeyIdentifier else { return true }
        return expected == own
    }

    /// Whether the certificate is signed with its own key: a root, or a leaf that nobody vouches for.
    public var isSelfSigned: Bool { isSelfIssued && isSigned(by: self) }
}
