import CertKit
import FoundationEssentials
import Synchronization

/// How the rest of the process talks with the daemon's loop.
final class DaemonController: Sendable {
    let inbox = Inbox()
    let figures = DaemonFigures()
    /// Signatures that were found to be right.
    let signatures: SignatureMemory
    private let look = Mutex(LastLook())
    /// What root is to be asked for; ``RootDesk`` takes it.
    let rootOrders: AsyncStream<RootOrder>
    private let rootOrder: AsyncStream<RootOrder>.Continuation

    init(signatures: SignatureMemory = SignatureMemory()) {
        self.signatures = signatures
        (rootOrders, rootOrder) = AsyncStream.makeStream()
    }

    /// What the daemon knows; a copy, as of the end of the last thing it did.
    var lastLook: LastLook { look.withLock { $0 } }

    /// Deploys `lineages`, all where nil, as soon as what is under way is done, and waits for it.
    ///
    /// - Throws: ``DaemonError`` where the daemon ends or has never seen this host's lineages, and whatever keeps
    ///   ``DeploymentRun`` from its lock.
    func deploy(
        _ lineages: [Lineage]?, force isForced: Bool, dryRun isDryRun: Bool
    ) async throws -> [DeploymentRun.Result] {
        try await withCheckedThrowingContinuation { answer in
            inbox.add(
                Inbox.Request(lineages: lineages, isForced: isForced, isDryRun: isDryRun, answer: answer))
        }
    }

    /// Has root deploy `lineage`, which this process may not write; the inbox hears how it ended.
    func askRoot(for lineage: Lineage, by inventory: Inventory) {
        rootOrder.yield(RootOrder(lineage: lineage, inventory: inventory))
    }

    func publish(_ look: LastLook) { self.look.withLock { $0 = look } }
}

/// What the daemon knows at one moment.
struct LastLook: Sendable {
    /// What keeps something from being done, with what to do about it.
    struct Trouble: Equatable, Sendable {
        let message: String
        let remedy: String
    }

    /// When everything was looked at last; nil before the first time.
    var at: Date?
    /// How many lineages there are.
    var lineages = 0
    /// Those whose deployment failed last.
    var failing: [Lineage: Trouble] = [:]
    /// What keeps the daemon from seeing the lineages at all.
    var blindness: Trouble?
    /// Why there is no event for each lineage, so that changes are noticed a little later.
    var obstacle: Watches.Obstacle?
    /// What this host is known to have; nil before it was seen.
    var inventory: Inventory?
}

/// Why the daemon does not do what it was asked for.
enum DaemonError: Diagnosis {
    /// It is about to end.
    case ending
    /// It has not seen the lineages yet.
    case blind(String)

    var description: String {
        switch self {
        case .ending: "the daemon is ending"
        case .blind(let why): "the daemon cannot see the lineages: \(why)"
        }
    }
    var remedy: String {
        switch self {
        case .ending: "run certd deploy again when it has been started"
        case .blind: "see what the daemon says: journalctl -u certd"
        }
    }
    var findingID: FindingID { .deployFailed }
}
