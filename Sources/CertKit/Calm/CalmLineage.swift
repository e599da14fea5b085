public import FoundationEssentials
internal import Synchronization

/// A lineage about which there is nothing to tell, found in one go: it stands still, its parts agree, and nobody would
/// find fault with it.
///
/// Nearly all lineages of a host are, so nearly all are looked at in this way. It finds nothing itself: where anything is
/// other than usual, there is none, and whoever asked looks at the lineage in full. So it never decides what a finding
/// is, only that there would be none.
public struct CalmLineage: Sendable {
    /// The leaf's.
    public let notBefore: Date
    /// The leaf's.
    public let notAfter: Date
}

/// By what it is told whether a lineage is calm: the same things that its findings depend on.
public struct CalmRules: Sendable {
    /// Where a path may end.
    public let trust: TrustStore
    /// How little time left is too little.
    public let thresholds: Thresholds
    /// What it takes to believe that one certificate issued another.
    public let evidence: IssuanceEvidence
    /// Signatures and key pairs that are not verified again; without it all are.
    public let signatures: SignatureMemory?
    /// What of the lineage counts.
    public let parts: LineageParts
    /// Lineages that are not read again if nothing of them was touched; without it all are.
    public let memory: CalmMemory?
    let chains = CalmChains()

    /// Takes them as they are, for one run.
    public init(
        trust: TrustStore, thresholds: Thresholds, evidence: IssuanceEvidence, signatures: SignatureMemory?,
        parts: LineageParts, memory: CalmMemory? = nil
    ) {
        self.trust = trust
        self.thresholds = thresholds
        self.evidence = evidence
        self.signatures = signatures
        self.parts = parts
        self.memory = memory
    }
}

extension LineageMemory {
    /// What there is to know of `lineage` at the time `now` if it is calm; nil where it has to be looked at in full.
    ///
    /// `now` must be asked for before: it tells what has not been changed while it was read.
    public func calm(_ lineage: Lineage, by rules: CalmRules, on now: Date) -> CalmLineage? {
        guard lineage.isCertbots else { return nil }
        return calmReader.withLock { known in
            let reader = known ?? CalmReader()
            known = reader
            if let calm = reader.recall(lineage, by: rules, on: now) { return calm }
            guard reader.read(lineage, by: rules, on: now) else { return nil }
            return reader.judged(by: rules, on: now)
        }
    }
}

extension CalmReader {
    /// Judges what was read.
    fileprivate func judged(by rules: CalmRules, on now: Date) -> CalmLineage? {
        fullchain.withSpan { text in
            guard let leaf = CalmLeaf(startOf: text, into: der), leaf.isCalm(on: now, thresholds: rules.thresholds),
                rules.parts != .all || leaf.end == cert.count
            else { return nil }
            let chain = text.extracting(leaf.end..<text.count)
            return der.withSpan { bytes in
                guard let chain = rules.chains.calmEnd(chain, above: leaf, bytes, by: rules, on: now),
                    rules.parts == .fullchain || isPaired(with: leaf, bytes, recalling: rules.signatures)
                else { return nil }
                let renewal = renewal.withSpan { RenewalFile(parsing: $0) }
                guard renewal.isCalm(for: leaf, on: now) else { return nil }
                let calm = CalmLineage(notBefore: leaf.notBefore, notAfter: leaf.notAfter)
                remember(calm, chain: chain, renewal: renewal, by: rules, on: now)
                return calm
            }
        }
    }
}

extension RenewalFile {
    /// Whether certbot renews by it, and is not late.
    fileprivate func isCalm(for leaf: CalmLeaf, on now: Date) -> Bool {
        guard missing.isEmpty else { return false }
        guard let date = RenewalDate(notBefore: leaf.notBefore, notAfter: leaf.notAfter, by: self) else { return true }
        return now <= date.overdue
    }
}
