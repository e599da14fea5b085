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
            throw TrustError(key: .checkTrust, cause: error)
        }
    }

    /// The certificates of the configured files of private anchors.
    ///
    /// - Throws: ``TrustError`` where one of them cannot be used.
    func privateAnchorCertificates() throws(TrustError) -> Set<Certificate> {
        var anchors: Set<Certificate> = []
        for path in privateAnchors {
            do {
                let contents = try readFile(at: path, limit: 16 << 20)
                anchors.formUnion(
                    try contents.bytes.withSpan { text throws(PEMError) in
                        try PEMContents(parsing: text, file: path.string).certificates
                    })
            } catch {
                throw TrustError(key: .checkPrivateAnchors, cause: error)
            }
        }
        return anchors
    }
}

/// The file of trust anchors cannot be used.
struct TrustError: Diagnosis {
    /// The key that names it.
    let key: SettingKey
    let cause: any Error

    private var diagnosis: (any Diagnosis)? { cause as? any Diagnosis }

    var description: String { "the trust anchors of [\(key.section)] \(key.name) cannot be read: \(cause)" }
    var remedy: String {
        (key == .checkTrust
            ? "name a PEM file of roots there, or leave trust out to use the system's"
            : "name PEM files of roots there, or leave \(key.name) out")
            + (diagnosis.map { "\n\($0.remedy)" } ?? "")
    }
    var findingID: FindingID { diagnosis?.findingID ?? .fileUnreadable }
    var location: String? { diagnosis?.location }
    var line: Int? { diagnosis?.line }
}
