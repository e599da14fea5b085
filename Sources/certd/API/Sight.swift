import CertKit
import FoundationEssentials
import NIOCore
import Synchronization

/// What one look of the daemon's saw, in each form that was asked for; every form is made once.
final class Sight: Sendable {
    let document: StatusDocument
    /// The last deployments, the newest first.
    let deployments: [PastDeployment]
    /// Workers of HAProxy that stay after reloads; nil where nobody tells.
    let oldWorkers: Int?
    /// How often lineages could not be read since the daemon began, by their names.
    let readErrors: [String: Int]
    private let forms = Mutex<[Form: ByteBuffer]>([:])

    private enum Form: Hashable { case json, text, openMetrics }

    /// As many past deployments as are shown.
    static let shown = 20

    init(
        document: StatusDocument, history: [PastDeployment] = [], oldWorkers: Int? = nil,
        readErrors: [String: Int] = [:]
    ) {
        self.document = document
        deployments = DeploymentHistory(deployments: history.suffix(Sight.shown).reversed()).deployments
        (self.oldWorkers, self.readErrors) = (oldWorkers, readErrors)
    }

    /// The document as JSON.
    func json() throws -> ByteBuffer { try form(.json) { try document.json() } }

    /// What the document says as metrics.
    func metrics(_ format: MetricsFormat) throws -> ByteBuffer {
        try form(format == .text ? .text : .openMetrics) {
            var report = PrometheusReport(document: document, now: World.live.now())
            (report.format, report.readErrors, report.leavingOut) = (format, readErrors, DaemonMetrics.own)
            return report.text()
        }
    }

    private func form(_ form: Form, _ make: () throws -> String) throws -> ByteBuffer {
        try forms.withLock { forms in
            if let known = forms[form] { return known }
            let made = ByteBuffer(string: try make())
            forms[form] = made
            return made
        }
    }
}
