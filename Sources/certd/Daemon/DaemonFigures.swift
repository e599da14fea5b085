import FoundationEssentials
import Synchronization

/// What the daemon counts while it lives.
final class DaemonFigures: Sendable {
    /// Up to how many seconds a deployment counts into each class of the histogram; the last class has no bound.
    static let bounds: [Double] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

    struct Counts: Sendable {
        /// Lineages that were deployed.
        fileprivate(set) var deployments = 0
        /// Deployments that failed; each try is one.
        fileprivate(set) var failures = 0
        /// How many deployments there were in each class of ``DaemonFigures/bounds``, and beyond.
        fileprivate(set) var classes = Array(repeating: 0, count: DaemonFigures.bounds.count + 1)
        /// What they took in all.
        fileprivate(set) var seconds = 0.0
        /// How often anything was tried.
        fileprivate(set) var results = 0
    }

    /// When the daemon began.
    let start = Date.now
    private let counts = Mutex(Counts())

    var now: Counts { counts.withLock { $0 } }

    func count(_ result: DeploymentRun.Result) {
        counts.withLock { counts in
            counts.results += 1
            switch result.outcome {
            case .failure: counts.failures += 1
            case .success(let report):
                guard case .deployed = report.outcome else { return }
                let seconds = report.duration / .seconds(1)
                counts.deployments += 1
                counts.seconds += seconds
                counts.classes[DaemonFigures.bounds.firstIndex { seconds <= $0 } ?? DaemonFigures.bounds.count] += 1
            }
        }
    }
}
