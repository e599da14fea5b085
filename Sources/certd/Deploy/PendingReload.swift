import CertKit
import HAProxyKit

/// A lineage whose bundle is ready, and which HAProxy gets by a reload.
struct PendingReload: Sendable {
    let candidate: Candidate
    let file: BundleFile
    /// The stations as they were before: what the handshakes of it have shown decides which of them are a proof later.
    let look: Observation
    let observer: Observer
    let report: DeploymentReport
    let started: ContinuousClock.Instant

    var lineage: Lineage { candidate.generation.lineage }

    /// Whether HAProxy could load what is on disk now, as far as certd can tell.
    var hasLoadableBundle: Bool { look.bundle.installed?.leaf != nil && look.bundle.installed?.hasKey == true }
}
