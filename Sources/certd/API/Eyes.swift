import CertKit
import Synchronization

/// Looks at everything for whoever asks the daemon, and remembers what only many looks tell.
final class Eyes: Sendable {
    /// How often each lineage could not be read, where that has happened.
    private let errors = Mutex<[String: Int]>([:])
    private let signatures: SignatureMemory

    /// What has been verified, by these or by the daemon's loop, is not verified again.
    init(_ signatures: SignatureMemory) { self.signatures = signatures }

    func look(_ inventory: () async throws -> Inventory) async throws -> Sight {
        do {
            let inventory = try await inventory()
            var checker = Checker(inventory: inventory)
            checker.signatures = signatures
            let document = try await checker.document(named: [])
            return Sight(
                document: document, history: (try? inventory.state.history(newest: Sight.shown)) ?? [],
                oldWorkers: await inventory.oldWorkerCount(), readErrors: count(document))
        } catch let error as LineageError {
            let document = StatusDocument(lineages: [], findings: [error.finding], at: World.live.now())
            return Sight(document: document)
        }
    }

    private func count(_ document: StatusDocument) -> [String: Int] {
        errors.withLock { errors in
            for lineage in document.lineages where lineage.leaf == nil { errors[lineage.name, default: 0] += 1 }
            return errors
        }
    }
}
