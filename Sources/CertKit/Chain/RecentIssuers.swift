internal import Synchronization

/// What this process has found out about issuers, of which a few have issued thousands of certificates: their keys as
/// libcrypto has them, and the trust anchors above intermediates.
final class RecentIssuers: Sendable {
    private struct State {
        var keys: [PublicKey: IssuerKey] = [:]
        var anchors: [Question: Certificate] = [:]
    }

    /// An anchor that fits by its key identifier need not be one whose signature holds.
    private struct Question: Hashable {
        let certificate: Certificate
        let evidence: IssuanceEvidence
    }

    /// Far more than a host has issuers; beyond it everything is found out anew.
    private static let limit = 64
    private let state = Mutex(State())

    /// The key, decoded; nil where libcrypto cannot use it.
    func issuerKey(_ key: PublicKey) -> IssuerKey? {
        if let known = state.withLock({ $0.keys[key] }) { return known }
        guard let made = try? IssuerKey(key) else { return nil }
        state.withLock { state in
            if state.keys.count >= Self.limit { state.keys = [:] }
            state.keys[key] = made
        }
        return made
    }

    /// The anchor that issued an intermediate by that evidence, as `find` finds it; that there is none is not remembered.
    func anchor(
        above certificate: Certificate, believing evidence: IssuanceEvidence, find: () -> Certificate?
    ) -> Certificate? {
        guard certificate.isCA else { return find() }
        let question = Question(certificate: certificate, evidence: evidence)
        if let known = state.withLock({ $0.anchors[question] }) { return known }
        guard let found = find() else { return nil }
        state.withLock { state in
            if state.anchors.count >= Self.limit { state.anchors = [:] }
            state.anchors[question] = found
        }
        return found
    }
}
