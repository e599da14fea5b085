import CertKit
import FoundationEssentials
import SystemPackage

/// What is kept of a deployment for `check`, `status` and `history`; under the lock.
///
/// A deployment is none the worse where this cannot be written, and a failure is told in any case.
extension Inventory {
    /// Remembers a deployment that changed something.
    func remember(_ report: DeploymentReport, of lineage: Lineage) {
        guard case .deployed = report.outcome else { return }
        let now = world.now()
        let deployment = StateDirectory.LastDeployment(
            lineage: lineage.name, at: now, sha256: report.leaf.fingerprint.description,
            seconds: report.duration / .seconds(1), bundle: place(of: lineage)?.path.string)
        try? state.record(deployment, of: lineage)
        try? state.record(PastDeployment(report, at: now))
    }

    /// Remembers a failure: certbot reports a failed hook as a mere warning, so `check` has to know of it.
    func remember(failure error: any Error, of lineage: Lineage, after duration: Duration) {
        // Nothing says that it should be deployed, so that it is not is no failure of a deployment.
        if case DeploymentError.noBundle = error { return }
        let failure = StateDirectory.Failure(
            lineage: lineage.name, at: world.now(), message: "\(error)",
            remedy: (error as? any Diagnosis)?.remedy ?? "run certd deploy \(lineage.name) and look at its output")
        // The daemon tries again and again, and would fill the history with one failure.
        let isKnown = state.failure(of: lineage)?.message == failure.message
        try? state.record(failure, of: lineage)
        guard !isKnown else { return }
        try? state.record(PastDeployment(failure: error, of: lineage, after: duration, at: failure.at))
    }
}
