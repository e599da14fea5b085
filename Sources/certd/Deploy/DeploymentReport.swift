import CertKit

/// What a deployment did, for the command's answer and the log.
struct DeploymentReport: Sendable {
    enum Outcome: Sendable { case nothingToDo, wouldDeploy, deployed }

    let lineage: String
    let leaf: Certificate
    /// The leaf that was served before.
    let previous: Fingerprint?
    /// What was found and does not stand in the way.
    var findings: [Finding] = []
    /// How the stations differed from the lineage.
    var differences: [StationDifference] = []
    /// Sockets that were skipped because nothing listens there, while others do.
    var skipped: [String] = []
    /// Why HAProxy has to be reloaded for it, where it has.
    var reload: ReloadReason?
    /// How long it took until handshakes showed the new leaf; nil where none can, or a reload brought it there.
    var timeToProof: Duration?
    private(set) var outcome: Outcome = .nothingToDo
    private(set) var duration: Duration = .zero

    init(lineage: String, leaf: Certificate, previous: Fingerprint?) {
        self.lineage = lineage
        self.leaf = leaf
        self.previous = previous
    }

    func ended(_ outcome: Outcome, since start: ContinuousClock.Instant) -> DeploymentReport {
        var report = self
        report.outcome = outcome
        report.duration = ContinuousClock.now - start
        return report
    }
}
