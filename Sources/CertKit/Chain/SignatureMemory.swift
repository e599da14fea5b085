internal import Synchronization

/// Signatures and key pairs that were found to be right, so that none is verified twice: neither changes with time.
///
/// An entry is the SHA-256 of an issuer's SubjectPublicKeyInfo followed by the certificate that its key signed, or that of
/// the label of a private key's PEM block, a public key's SubjectPublicKeyInfo and the DER of the private key whose public
/// half it is. A label never begins as a SubjectPublicKeyInfo does, so no entry can be taken for one of the other kind; and
/// a guess at a private key can be tried on the public key as well, so its entry tells nothing more.
///
/// Only what holds is remembered, so whatever is lost is verified again, and nothing but a forged record can mislead. The
/// record that ``recorded(forgettingUnused:)`` gives and ``init(recorded:)`` takes is a heading, the entries in ascending
/// order, and the SHA-256 of all that; who keeps it in a file has to make sure that nobody else could write there.
public final class SignatureMemory: Sendable {
    private let state: Mutex<State>

    private struct State {
        /// Entries of the record, one after the other, ascending.
        var known: [UInt8] = []
        /// For each of `known` whether it was asked for.
        var isUsed: [Bool] = []
        var fresh: Set<[UInt8]> = []
    }

    private static let heading = Array("certd verified signatures 1\n".utf8)

    /// Remembers nothing yet.
    public init() {
        state = Mutex(State())
    }

    /// Remembers what `record` says; nil if anything about it is odd.
    public init?(recorded record: Span<UInt8>) {
        let (start, end) = (Self.heading.count, record.count - width)
        guard start <= end, (end - start).isMultiple(of: width),
            record.equals(0..<start, Self.heading.span, 0..<start),
            Digest.sha256(record.extracting(0..<end)) == record.copy(end..<record.count)
        else { return nil }
        let known = record.copy(start..<end)
        let count = known.count / width
        guard
            (1..<max(count, 1)).allSatisfy({
                known.entry($0 - 1, isBefore: known.span.extracting($0 * width..<($0 + 1) * width))
            })
        else {
            return nil
        }
        state = Mutex(State(known: known, isUsed: Array(repeating: false, count: count)))
    }

    /// Whether `key` signed `certificate`: from memory, else as `verified` finds.
    func holds(_ certificate: Certificate, signedBy key: PublicKey, verified: () -> Bool) -> Bool {
        holds(certificate.der.span, signedBy: key, verified: verified)
    }

    /// The same of a certificate's DER.
    func holds(_ certificate: Span<UInt8>, signedBy key: PublicKey, verified: () -> Bool) -> Bool {
        let entry = Digest.sha256(key.bytes.span, certificate)
        if knows(entry) { return true }
        guard verified() else { return false }
        remember(entry)
        return true
    }

    /// Whether `key` is known to be the public half of the private key in `der`, which stood under `label`.
    func holds(_ key: PublicKey, halfOf der: Span<UInt8>, labelled label: String) -> Bool {
        holds(key.bytes.span, halfOf: der, labelled: label)
    }

    /// The same of a SubjectPublicKeyInfo.
    func holds(_ spki: Span<UInt8>, halfOf der: Span<UInt8>, labelled label: String) -> Bool {
        knows(Self.pair(spki, der, label))
    }

    /// Remembers that `key` is the public half of the private key in `der`, which stood under `label`.
    func remember(_ key: PublicKey, halfOf der: Span<UInt8>, labelled label: String) {
        remember(Self.pair(key.bytes.span, der, label))
    }

    private static func pair(_ spki: Span<UInt8>, _ der: Span<UInt8>, _ label: String) -> [UInt8] {
        let heading = [UInt8](capacity: label.utf8.count + spki.count) { output in
            for byte in label.utf8 { output.append(byte) }
            for index in spki.indices { output.append(spki[index]) }
        }
        return Digest.sha256(heading.span, der)
    }

    private func knows(_ entry: [UInt8]) -> Bool {
        state.withLock { state in
            if let index = state.known.firstEntry(notBefore: entry.span), state.known.isEntry(index, entry.span) {
                state.isUsed[index] = true
                return true
            }
            return state.fresh.contains(entry)
        }
    }

    private func remember(_ entry: [UInt8]) {
        _ = state.withLock { $0.fresh.insert(entry) }
    }

    /// What is remembered, for ``init(recorded:)``; nil where it is what was recorded before.
    ///
    /// `forgettingUnused` leaves out what nobody asked for: after a look at everything it belongs to certificates that
    /// are gone.
    public func recorded(forgettingUnused: Bool) -> [UInt8]? {
        state.withLock { state in
            let isKept = state.isUsed.map { $0 || !forgettingUnused }
            guard !state.fresh.isEmpty || isKept.contains(false) else { return nil }
            let old = isKept.indices.filter { isKept[$0] }.map { state.known.span.copy($0 * width..<($0 + 1) * width) }
            let entries = (old + state.fresh).sorted { $0.lexicographicallyPrecedes($1) }
            let body = Self.heading + entries.joined()
            return body + Digest.sha256(body.span)
        }
    }
}

/// The bytes of an entry.
private let width = 32

/// A run of entries.
extension [UInt8] {
    fileprivate func entry(_ index: Int, isBefore other: Span<UInt8>) -> Bool {
        span.isLess(index * width..<(index + 1) * width, than: other, 0..<width)
    }

    fileprivate func isEntry(_ index: Int, _ other: Span<UInt8>) -> Bool {
        span.equals(index * width..<(index + 1) * width, other, 0..<width)
    }

    /// Where `wanted` stands if anywhere; nil where all entries come before it.
    fileprivate func firstEntry(notBefore wanted: Span<UInt8>) -> Int? {
        var (low, high) = (0, count / width)
        while low < high {
            let middle = (low + high) / 2
            if entry(middle, isBefore: wanted) { low = middle + 1 } else { high = middle }
        }
        return low < count / width ? low : nil
    }
}
