internal import Dispatch
internal import Glibc
internal import Synchronization
internal import SystemPackage
internal import TestSupport
internal import Testing

/// Something that has happened or not.
final class Flag: Sendable {
    private let state = Atomic(false)

    var isSet: Bool { state.load(ordering: .acquiring) }

    func set() { state.store(true, ordering: .releasing) }
}

/// Reads a file all the time, in a thread of its own.
final class Watcher: Sendable {
    private let seen = Mutex<Set<String>>([])
    private let isOver = Flag()
    private let ended = DispatchSemaphore(value: 0)

    init(of file: FilePath) {
        DispatchQueue(label: "watching a bundle").async { [self] in
            while !isOver.isSet {
                let read = (try? text(of: file)) ?? "it could not be read"
                seen.withLock { _ = $0.insert(read) }
            }
            ended.signal()
        }
    }

    /// Stops reading and gives all the different texts that were read.
    func stop() -> Set<String> {
        isOver.set()
        ended.wait()
        return seen.withLock { $0 }
    }
}

/// Its key is its leaf's, and a chain follows the leaf.
func expectWhole(_ bundle: String) async throws {
    let leaf = try await requireTool("openssl", ["x509", "-noout", "-pubkey"], input: bundle)
    let key = try await requireTool("openssl", ["pkey", "-pubout"], input: bundle)
    #expect(leaf == key)
    #expect(bundle.split(separator: "-----END CERTIFICATE-----").count > 2)
}

/// Whether nobody holds the lock, which is taken for a moment.
func isFree(_ lock: FilePath) throws -> Bool {
    let file = try FileDescriptor.open(lock, .readOnly, options: .closeOnExec)
    return try file.closeAfter { flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 }
}
