import CertKit
import Synchronization

/// What reaches the daemon's loop from outside; it is collected until the loop takes it.
final class Inbox: Sendable {
    /// A deployment that somebody asked for and waits for.
    struct Request: Sendable {
        /// All lineages where nil.
        let lineages: [Lineage]?
        let isForced: Bool
        let isDryRun: Bool
        let answer: CheckedContinuation<[DeploymentRun.Result], any Error>
    }

    /// What has come in.
    struct Mail: Sendable {
        var events: Set<WatchEvent> = []
        /// Events were lost, so that anything may have happened.
        var isOverflowing = false
        /// The configuration is to be read again.
        var isReloading = false
        var requests: [Request] = []
        /// What came of deployments by way of root.
        var results: [DeploymentRun.Result] = []
        /// Nobody takes anything any more.
        fileprivate var isClosed = false
    }

    /// As many events as the kernel keeps by default: a loop that is busy for long needs no more than to know that.
    private static let mostEvents = 16_384

    private let mail = Mutex(Mail())
    private let ending = Mutex(false)
    private let alarm: AsyncStream<Void>.Continuation
    /// Yields when there is something to take.
    let alarms: AsyncStream<Void>

    init() {
        (alarms, alarm) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Whether the daemon is to end.
    var isEnding: Bool { ending.withLock { $0 } }

    /// Takes all that has come.
    func take() -> Mail {
        mail.withLock { mail in
            defer { mail = Mail() }
            return mail
        }
    }

    /// Ends it: whoever asks for something, or has and got no answer, is refused.
    func close() {
        let left = mail.withLock { mail in
            defer { mail = Mail(isClosed: true) }
            return mail.requests
        }
        for request in left { request.answer.resume(throwing: DaemonError.ending) }
    }

    /// Adds an event; nil stands for lost ones.
    func add(_ event: WatchEvent?) {
        mail.withLock { mail in
            if let event, mail.events.count < Inbox.mostEvents {
                mail.events.insert(event)
            } else {
                mail.isOverflowing = true
                mail.events = mail.events.filter(\.isLost)
            }
        }
        wake()
    }

    /// Asks for the configuration to be read again.
    func reload() {
        mail.withLock { $0.isReloading = true }
        wake()
    }

    /// Asks for the end.
    func end() {
        ending.withLock { $0 = true }
        wake()
    }

    /// Asks for a deployment.
    func add(_ request: Request) {
        let isTaken = mail.withLock { mail in
            if !mail.isClosed { mail.requests.append(request) }
            return !mail.isClosed
        }
        guard isTaken else { return request.answer.resume(throwing: DaemonError.ending) }
        wake()
    }

    /// Tells how a deployment by way of root ended.
    func add(_ result: DeploymentRun.Result) {
        mail.withLock { $0.results.append(result) }
        wake()
    }

    /// Has the loop look whether something is to be done.
    func wake() { alarm.yield() }
}
