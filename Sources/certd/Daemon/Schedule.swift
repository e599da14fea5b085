import CertKit

/// When which lineage is dealt with: a value that is told what happens and when, and says what is due.
///
/// Only lineages with something to do are in it, so that it costs nothing to have many.
struct Schedule: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// Why a lineage is dealt with.
    enum Reason: Int, Comparable, Sendable {
        /// Its turn has come.
        case turn
        /// What it goes to is not what it was, such as a HAProxy that was started anew; it may wait behind a renewal.
        case surroundings
        /// Something of it has changed.
        case event

        static func < (one: Reason, other: Reason) -> Bool { one.rawValue < other.rawValue }
    }

    private enum Stage: Sendable {
        /// It is read until what is read is no moment in the middle of something.
        case settling(Settling)
        /// It waits for the next run.
        case settled
        /// Somebody else deploys it, who will tell.
        case handedOn
        /// It failed, or what it goes to does not answer, and is tried again then.
        case waiting(until: Instant)
    }

    private struct Task: Sendable {
        var reason: Reason
        var stage: Stage
        var failures = 0
    }

    /// How many lineages without an event are dealt with in one go, so that a renewal does not wait for all of them.
    static let portion = 32

    private var tasks: [Lineage: Task] = [:]

    /// The lineages that something is left to do for.
    var lineages: some Collection<Lineage> { tasks.keys }

    /// Whether nothing is left to do.
    var isEmpty: Bool { tasks.isEmpty }

    /// Keeps what is left to do for `lineages` alone.
    mutating func keep(_ lineages: [Lineage]) { tasks = tasks.kept(for: lineages) }

    /// Has `lineage` dealt with: all waiting begins anew.
    ///
    /// Where something is to be done for it already, only a better reason counts.
    mutating func begin(_ lineage: Lineage, because reason: Reason, at now: Instant) {
        if reason < .event, let task = tasks[lineage], task.reason >= reason { return }
        tasks[lineage] = Task(reason: reason, stage: .settling(Settling(at: now)))
    }

    /// The lineages to read at `now`, those that something happened to first.
    func readable(at now: Instant) -> [Lineage] {
        portion { task in
            switch task.stage {
            case .settling(let settling): settling.next <= now
            case .waiting(let end): end <= now
            case .settled, .handedOn: false
            }
        }
    }

    /// The lineages to deploy, those that something happened to first.
    var deployable: [Lineage] {
        portion { if case .settled = $0.stage { true } else { false } }
    }

    /// Whether something of `lineage` has changed.
    func hasEvent(_ lineage: Lineage) -> Bool { tasks[lineage]?.reason == .event }

    /// Whether `lineage` has settled and is only to be looked at, since nothing has happened to it and nothing of it failed.
    func isQuiet(_ lineage: Lineage) -> Bool {
        guard let task = tasks[lineage], case .settled = task.stage else { return false }
        return task.reason < .event && task.failures == 0
    }

    /// `lineage` was read at `now`, and is whole or may be in the middle of something.
    mutating func read(_ lineage: Lineage, isWhole: Bool, at now: Instant) {
        guard var task = tasks[lineage] else { return }
        if !isWhole, case .settling(var settling) = task.stage, settling.triesAgain(after: now) {
            task.stage = .settling(settling)
        } else {
            // What does not settle is for the deployment to judge, which remembers the failure.
            task.stage = .settled
        }
        tasks[lineage] = task
    }

    /// Somebody else deploys `lineage`.
    mutating func handOn(_ lineage: Lineage) { tasks[lineage]?.stage = .handedOn }

    /// Nothing is left to do for `lineage`.
    mutating func finish(_ lineage: Lineage) {
        tasks[lineage] = nil
        // After the start, when everything was looked at, the table would keep the room for all.
        if tasks.isEmpty { tasks = [:] }
    }

    /// The deployment of `lineage` failed, and is tried again later.
    mutating func fail(_ lineage: Lineage, at now: Instant, using generator: inout some RandomNumberGenerator) {
        let failures = (tasks[lineage]?.failures ?? 0) + 1
        let retry = now + Backoff.pause(afterFailure: failures, using: &generator)
        tasks[lineage] = Task(reason: .turn, stage: .waiting(until: retry), failures: failures)
    }

    /// Nothing can be done for `lineage` before `moment`, through no fault of its own.
    mutating func postpone(_ lineage: Lineage, until moment: Instant) {
        tasks[lineage]?.stage = .waiting(until: moment)
    }

    /// When the next of them is due; nil where there is none.
    var next: Instant? {
        tasks.values.lazy.compactMap { task -> Instant? in
            switch task.stage {
            case .settling(let settling): settling.next
            case .waiting(let end): end
            case .handedOn: nil
            case .settled: .now
            }
        }.min()
    }

    private func portion(where isWanted: (Task) -> Bool) -> [Lineage] {
        var events: [Lineage] = []
        var turns: [Lineage] = []
        for (lineage, task) in tasks where isWanted(task) {
            if task.reason == .event {
                events.append(lineage)
            } else if turns.count < Schedule.portion {
                turns.append(lineage)
            }
        }
        return (events.isEmpty ? turns : events).sorted()
    }
}

extension Dictionary where Key == Lineage {
    /// What is known of `lineages`, each under the name that it has there.
    func kept(for lineages: [Lineage]) -> Self {
        Self(
            lineages.lazy.compactMap { lineage in self[lineage].map { (lineage, $0) } },
            uniquingKeysWith: { first, _ in first })
    }
}
