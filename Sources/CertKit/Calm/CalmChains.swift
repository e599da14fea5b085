internal import FoundationEssentials
internal import Synchronization

/// The few sequences of intermediates that thousands of lineages share, each judged once in a run, by the same rules as
/// any other chain.
///
/// A leaf that names the first of them as its issuer, by name and key identifier, and is signed by it, has the same path
/// as the leaf that was judged: no other certificate there and no anchor bears the issuer's name.
final class CalmChains: Sendable {
    /// What of a sequence depends on the time and on the leaf.
    fileprivate struct Entry {
        /// chain.pem.
        let text: [UInt8]
        /// The first eight bytes of its SHA-256.
        let name: UInt64
        /// The first certificate; nil where it is not to be relied on.
        let issuer: Certificate?
        let begins: Date
        let ends: Date
    }

    /// Far more than a host has; what comes later is looked at in full.
    private static let limit = 64
    private let entries = Mutex<[Entry]>([])

    /// The name of `chain` if it leads from the leaf to a trust anchor, and neither has anything about it worth telling.
    func calmEnd(
        _ chain: Span<UInt8>, above leaf: CalmLeaf, _ bytes: Span<UInt8>, by rules: CalmRules, on now: Date
    ) -> UInt64? {
        guard leaf.isCalm(bytes), let entry = entry(for: chain, leaf, bytes, by: rules, on: now),
            let issuer = entry.issuer, entry.isCalm(below: leaf.notAfter, on: now),
            leaf.isIssued(by: issuer, bytes, rules)
        else { return nil }
        return entry.name
    }

    /// Whether the chain of this name, which was above a leaf that ends at `notAfter`, is known in this run to end so.
    func endsCalmly(_ name: UInt64, below notAfter: Date, on now: Date) -> Bool {
        entries.withLock { entries in
            entries.contains { $0.name == name && $0.issuer != nil && $0.isCalm(below: notAfter, on: now) }
        }
    }

    private func entry(
        for chain: Span<UInt8>, _ leaf: CalmLeaf, _ bytes: Span<UInt8>, by rules: CalmRules, on now: Date
    ) -> Entry? {
        if let known = entries.withLock({ $0.first { chain.equals(0..<chain.count, $0.text.span, 0..<$0.text.count) } })
        {
            return known
        }
        guard entries.withLock({ $0.count < Self.limit }),
            let sent = try? PEMContents(parsing: chain, file: ""), sent.keys.isEmpty,
            let first = sent.certificates.first, leaf.isIssued(by: first, bytes, rules)
        else { return nil }
        let made = Entry(chain.copy(0..<chain.count), sent.certificates, bytes, by: rules, on: now)
        entries.withLock { $0.append(made) }
        return made
    }
}

extension CalmChains.Entry {
    /// Whether all of it is valid, and as long as the leaf.
    fileprivate func isCalm(below notAfter: Date, on now: Date) -> Bool {
        begins <= now && now <= ends && notAfter <= ends
    }

    /// Judges the sequence by the whole chain of the leaf in `bytes`, which its first certificate issued.
    fileprivate init(_ text: [UInt8], _ sent: [Certificate], _ bytes: Span<UInt8>, by rules: CalmRules, on now: Date) {
        self.text = text
        name = Digest.sha256(text.span).span.number(at: 0)
        begins = sent.map(\.notBefore).max() ?? .distantFuture
        ends = sent.map(\.notAfter).min() ?? .distantPast
        guard let leaf = try? Certificate(der: bytes.copy(0..<bytes.count)) else {
            issuer = nil
            return
        }
        let chain = Chain(
            leaf: leaf, sent: sent, trust: rules.trust, recalling: rules.signatures, believing: rules.evidence)
        let names = Set(sent.map(\.subject))
        let isUsual =
            chain.path == sent && chain.needed.count == sent.count && chain.anchor?.hasNameConstraints == false
            && !chain.isAmbiguous && names.count == sent.count && !sent.contains(where: \.hasNameConstraints)
            && rules.trust.anchors(named: leaf.issuer).isEmpty && chain.findings(on: now, location: "").isEmpty
        issuer = isUsual ? sent.first : nil
    }
}

extension CalmLeaf {
    /// Whether `issuer` is named as the issuer, and signed the leaf as far as that has to be known.
    fileprivate func isIssued(by issuer: Certificate, _ bytes: Span<UInt8>, _ rules: CalmRules) -> Bool {
        let own = issuer.der.span
        guard bytes.equals(layout.issuer, own, issuer.layout.subject),
            let named = layout.extensions.authorityKeyIdentifier,
            let identifier = issuer.layout.extensions.subjectKeyIdentifier, bytes.equals(named, own, identifier)
        else { return false }
        guard rules.evidence == .signature else { return true }
        let key = issuer.publicKey
        let verified = { [layout] (bytes: Span<UInt8>) in
            rules.trust.recentIssuers.issuerKey(key)?.signed(bytes, layout) ?? false
        }
        return rules.signatures?.holds(bytes, signedBy: key) { verified(bytes) } ?? verified(bytes)
    }
}
