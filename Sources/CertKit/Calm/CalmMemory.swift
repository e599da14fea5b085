internal import Synchronization

/// Lineages that were found calm, so that one of which nothing was touched since is not read again.
///
/// A file's status tells whether it was touched: the kernel alone sets the time of its last change (ctime), and every
/// change of its content, its owner or its permissions sets it, as every new or removed name sets that of a directory. So
/// what is remembered is the digest of the identities of all that a verdict rests on, noted only when all were older than
/// what two changes within one tick of a file system's clock could hide. What depends on the time, on thresholds or on the
/// trust anchors is judged afresh each time.
public final class CalmMemory: Sendable {
    private let state: Mutex<State>

    private struct State {
        var entries: RecordedEntries
        /// A record that nobody has needed yet.
        var unread: (@Sendable () -> KeptRecord?)?
        var fresh: [[UInt8]] = []
        var answers = 0
    }

    private static let form = RecordForm(
        heading: "certd lineages in order 1\n", width: RememberedCalm.width, keyWidth: RememberedCalm.keyWidth)

    /// Remembers nothing yet.
    public init() {
        state = Mutex(State(entries: RecordedEntries(Self.form)))
    }

    /// Remembers what the record says that `read` gives when it is needed; nothing if anything about it is odd.
    public init(reading read: @escaping @Sendable () -> KeptRecord?) {
        state = Mutex(State(entries: RecordedEntries(Self.form), unread: read))
    }

    /// What is remembered under `key`, and the number to say so to ``use(_:)``.
    func recall(_ key: UInt64) -> (index: Int, calm: RememberedCalm)? {
        state.withLock { state in
            if let read = state.unread {
                state.unread = nil
                if let entries = read().flatMap({ RecordedEntries(Self.form, of: $0) }) { state.entries = entries }
            }
            let bytes = RememberedCalm.bytes(of: key)
            guard let index = state.entries.index(of: bytes.span),
                let calm = state.entries.withEntry(index, { RememberedCalm($0) })
            else { return nil }
            return (index, calm)
        }
    }

    /// Notes that what was recalled still holds.
    func use(_ index: Int) {
        state.withLock { state in
            state.entries.use(index)
            state.answers += 1
        }
    }

    /// Remembers a lineage that was read, or that what is on record of it still holds.
    func remember(_ calm: RememberedCalm) {
        let bytes = calm.bytes
        state.withLock { state in
            let key = bytes.span.extracting(0..<RememberedCalm.keyWidth)
            if let index = state.entries.index(of: key),
                state.entries.withEntry(index, { $0.equals(0..<$0.count, bytes.span, 0..<bytes.count) }) == true
            {
                state.entries.use(index)
            } else {
                state.fresh.append(bytes)
            }
        }
    }

    /// How many lineages were not read because of it.
    public var answers: Int { state.withLock { $0.answers } }

    /// What is remembered, for ``init(reading:)``; nil where it is what was recorded before.
    ///
    /// `forgettingUnused` leaves out what no longer holds: after a look at everything it belongs to lineages that are gone or
    /// were touched.
    public func recorded(forgettingUnused: Bool) -> [UInt8]? {
        state.withLock { state in
            guard state.unread == nil else { return nil }
            return state.entries.record(with: state.fresh, forgettingUnused: forgettingUnused)
        }
    }
}
