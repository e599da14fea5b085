internal import Synchronization

/// Signatures and key pairs that were found to be right, and certificates that libcrypto has loaded, so that none is
/// verified twice: nothing of it changes with time.
///
/// An entry is the SHA-256 of an issuer's SubjectPublicKeyInfo followed by the certificate that its key signed, or that of
/// the label of a private key's PEM block, a public key's SubjectPublicKeyInfo and the DER of the private key whose public
/// half it is, or that of a certificate's label and the certificate. A label never begins as a SubjectPublicKeyInfo does, so
/// no entry can be taken for one of another kind; and a guess at a private key can be tried on the public key as well, so
/// its entry tells nothing more.
///
/// Only what holds is remembered, so whatever is lost is verified again, and nothing but a forged record can mislead.
public final class SignatureMemory: Sendable {
    private let state: Mutex<State>

    fileprivate struct State {
        var entries: RecordedEntries
        /// A record that nobody has needed yet.
        var unread: Unread?
        var fresh: Set<SignatureEntry> = []
        /// Those that nobody has asked for since ``SignatureMemory/forgetUnused()``.
        var aging: Set<SignatureEntry> = []
    }

    fileprivate struct Unread {
        let read: @Sendable () -> KeptRecord?
        /// How many more questions are not worth reading it.
        var patience: Int
    }

    fileprivate static let form = RecordForm(heading: "certd verified signatures 1\n", width: 32, keyWidth: 32)

    /// Remembers nothing yet.
    public init() {
        state = Mutex(State(entries: RecordedEntries(Self.form)))
    }

    /// Remembers what `record` says; nil if anything about it is odd.
    public init?(recorded record: Span<UInt8>) {
        guard let entries = RecordedEntries(Self.form, of: KeptRecord(copying: record)) else { return nil }
        state = Mutex(State(entries: entries))
    }

    /// Remembers what the record says that `read` gives when it is needed; nothing if anything about it is odd.
    ///
    /// A record of very many entries takes longer to read than a few signatures take to verify: the first `patience`
    /// questions are answered without it.
    public init(patience: Int, reading read: @escaping @Sendable () -> KeptRecord?) {
        state = Mutex(State(entries: RecordedEntries(Self.form), unread: Unread(read: read, patience: patience)))
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

    /// Whether libcrypto is known to have loaded `certificate` and its key.
    func holds(loadable certificate: Certificate) -> Bool { knows(Self.loaded(certificate)) }

    /// Remembers that libcrypto has loaded `certificate` and its key.
    func remember(loadable certificate: Certificate) { remember(Self.loaded(certificate)) }

    private static func loaded(_ certificate: Certificate) -> [UInt8] {
        Digest.sha256([UInt8]("CERTIFICATE".utf8).span, certificate.der.span)
    }

    private static func pair(_ spki: Span<UInt8>, _ der: Span<UInt8>, _ label: String) -> [UInt8] {
        let heading = [UInt8](capacity: label.utf8.count + spki.count) { output in
            for byte in label.utf8 { output.append(byte) }
            for index in spki.indices { output.append(spki[index]) }
        }
        return Digest.sha256(heading.span, der)
    }

    private func knows(_ digest: [UInt8]) -> Bool {
        let entry = SignatureEntry(digest)
        return state.withLock { state in
            if state.fresh.contains(entry) { return true }
            if let aged = state.aging.remove(entry) {
                state.fresh.insert(aged)
                return true
            }
            guard state.isRead() else { return false }
            guard let index = state.entries.index(of: digest.span) else { return false }
            state.entries.use(index)
            return true
        }
    }

    private func remember(_ digest: [UInt8]) {
        _ = state.withLock { $0.fresh.insert(SignatureEntry(digest)) }
    }

    /// How many are remembered, of those that were read.
    public var count: Int { state.withLock { $0.entries.count + $0.fresh.count + $0.aging.count } }

    /// Forgets what was remembered in this process and nobody has asked for since the last time.
    ///
    /// Whoever looks at everything again and again calls it each time: else what belongs to certificates that are long gone
    /// would be kept for good.
    public func forgetUnused() {
        state.withLock { state in (state.aging, state.fresh) = (state.fresh, []) }
    }

    /// What is remembered, for ``init(recorded:)``; nil where it is what was recorded before.
    ///
    /// `forgettingUnused` leaves out what nobody asked for: after a look at everything it belongs to certificates that
    /// are gone.
    public func recorded(forgettingUnused: Bool) -> [UInt8]? {
        state.withLock { state in
            // What was verified without a look at the record may well stand there.
            guard state.unread == nil else { return nil }
            return state.entries.record(
                with: (forgettingUnused ? state.fresh : state.fresh.union(state.aging)).map(\.bytes),
                forgettingUnused: forgettingUnused)
        }
    }
}

extension SignatureMemory.State {
    /// Whether the record was read, now if it is worth it.
    fileprivate mutating func isRead() -> Bool {
        guard let waiting = unread else { return true }
        guard waiting.patience == 0 else {
            unread?.patience -= 1
            return false
        }
        unread = nil
        if let record = waiting.read(), let read = RecordedEntries(SignatureMemory.form, of: record) { entries = read }
        for entry in fresh {
            guard let index = entries.index(of: entry.bytes.span) else { continue }
            entries.use(index)
            fresh.remove(entry)
        }
        return true
    }
}
