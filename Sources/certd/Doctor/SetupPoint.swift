import CertKit

/// One thing about the set-up that was looked at.
struct SetupPoint: Codable, Equatable, Sendable {
    enum Verdict: String, Codable, CaseIterable, Sendable {
        case ok, warning, problem
        /// It could not be looked at here, and the reason is said.
        case skipped
    }

    /// What it is about; several points may be about the same.
    let point: String
    let state: Verdict
    let message: String
    /// What to do; nil where there is nothing to be done.
    var remedy: String?

    static func ok(_ point: String, _ message: String) -> SetupPoint {
        SetupPoint(point: point, state: .ok, message: message)
    }

    static func skipped(_ point: String, _ message: String) -> SetupPoint {
        SetupPoint(point: point, state: .skipped, message: message)
    }

    static func warning(_ point: String, _ message: String, fix remedy: String) -> SetupPoint {
        SetupPoint(point: point, state: .warning, message: message, remedy: remedy)
    }

    static func problem(_ point: String, _ message: String, fix remedy: String) -> SetupPoint {
        SetupPoint(point: point, state: .problem, message: message, remedy: remedy)
    }

    /// What `check` finds too; a finding that is a mere warning there is one here.
    static func finding(_ point: String, _ finding: Finding) -> SetupPoint {
        SetupPoint(
            point: point, state: finding.severity == .warning ? .warning : .problem, message: finding.message,
            remedy: finding.remedy)
    }

    /// An error that kept something from being looked at.
    static func failure(_ point: String, _ error: any Error) -> SetupPoint {
        guard let diagnosis = error as? any Diagnosis else {
            return .problem(point, "\(error)", fix: "see: certd check")
        }
        return .problem(point, diagnosis.description, fix: diagnosis.remedy)
    }
}
