import CertKit
import SystemPackage

extension Settings.CheckSettings {
    /// The anchors of the configured file, else the system's.
    ///
    /// - Throws: ``TrustError`` where that file cannot be used.
    func trustStore() throws(TrustError) -> TrustStore {
        guard let trust else { return .system() }
        do {
            let contents = try readFile(at: trust, limit: 16 << 20)
            return try contents.bytes.withSpan { text throws(PEMError) in
                try TrustStore(parsing: text, file: trust.string)
            }
        } catch {
            throw TrustError(cause: error)
        }
    }
}

/// The file of trust anchors cannot be used.
struct TrustError: Diagnosis {
    let cause: any Error

    private var diagnosis: (any Diagnosis)? { cause as? any Diagnosis }

    var description: String { "the trust anchors of [check] trust cannot be read: \(cause)" }
    var remedy: String {
        "name a PEM file of roots there, or leave trust out to use the system's"
            + (diagnosis.map { "\n\($0.remedy)" } ?? "")
    }
    var findingID: FindingID { diagnosis?.findingID ?? .fileUnreadable }
    var location: String? { diagnosis?.location }
    var line: Int? { diagnosis?.line }
}
