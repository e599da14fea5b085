import CertKit
import FoundationEssentials

/// One observation of every lineage: the document that the table, the JSON and later the page show.
///
/// Additive changes only; `schemaVersion` changes when a reader would have to.
struct StatusDocument: Encodable, Sendable {
    let schemaVersion = 1
    let state: String
    let checkedAt: String
    let lineages: [LineageStatus]
    /// What concerns no single lineage.
    let findings: [FindingStatus]

    private enum CodingKeys: String, CodingKey {
        case schemaVersion = "schema_version"
        case state
        case checkedAt = "checked_at"
        case lineages, findings
    }

    /// Worst lineage first; no lineage at all is unknown.
    init(lineages: [LineageStatus], findings: [Finding], at now: Date) {
        let ranked = lineages.sorted { ($1.severity, $0.name) < ($0.severity, $1.name) }
        let general = findings.map(\.severity).max() ?? .ok
        let verdict = max(ranked.map(\.severity).max() ?? .unknown, general)
        state = verdict.rawValue
        checkedAt = now.utc
        self.lineages = ranked
        self.findings = findings.sorted { $0.severity > $1.severity }.map { FindingStatus($0) }
        severity = verdict
    }

    /// The verdict of the run.
    let severity: Severity
}

/// One lineage in the document.
struct LineageStatus: Encodable, Sendable {
    let name: String
    let state: String
    let leaf: LeafStatus?
    let stations: [StationStatus]
    let findings: [FindingStatus]
    let severity: Severity
    let notAfter: Date?
    /// When certbot renews it, by its own rules; nil where that cannot be told.
    let renewalDue: String?
    /// Whether certbot may do so earlier, because the CA may ask it to.
    let renewalDueIsEstimate: Bool?

    private enum CodingKeys: String, CodingKey {
        case name, state, leaf, stations, findings
        case renewalDue = "renewal_due"
        case renewalDueIsEstimate = "renewal_due_is_estimate"
    }

    init(
        name: String, leaf: Certificate?, stations: [StationStatus], findings: [Finding], renewal: RenewalDate? = nil
    ) {
        let ranked = findings.sorted { $0.severity > $1.severity }
        severity = ranked.first?.severity ?? .ok
        self.name = name
        state = severity.rawValue
        self.leaf = leaf.map(LeafStatus.init)
        self.stations = stations
        self.findings = ranked.map { FindingStatus($0, of: name) }
        notAfter = leaf?.notAfter
        renewalDue = renewal?.due.utc
        renewalDueIsEstimate = renewal?.isEstimate
    }
}

/// The leaf that a lineage holds.
struct LeafStatus: Encodable, Sendable {
    let serial: String
    let sha256: String
    let notBefore: String
    let notAfter: String
    let names: [String]
    let issuer: String
    let key: String

    private enum CodingKeys: String, CodingKey {
        case serial, sha256, names, issuer, key
        case notBefore = "not_before"
        case notAfter = "not_after"
    }

    init(_ leaf: Certificate) {
        serial = leaf.serial.description
        sha256 = leaf.fingerprint.description
        notBefore = leaf.notBefore.utc
        notAfter = leaf.notAfter.utc
        names = leaf.names.map(\.description.printable)
        issuer = leaf.issuer.description.printable
        key = leaf.publicKey.description
    }
}

/// One station of one lineage.
struct StationStatus: Encodable, Sendable {
    let station: String
    let `where`: String
    let state: String
    var sha256: String?
    var serial: String?
}

/// A finding as it is shown: hostile text escaped.
struct FindingStatus: Encodable, Sendable {
    let id: String
    let severity: String
    let message: String
    let remedy: String
    let `where`: String?
    let line: Int?

    /// A message that begins with the name of the lineage it is listed under loses it.
    init(_ finding: Finding, of lineage: String? = nil) {
        id = finding.id.rawValue
        severity = finding.severity.rawValue
        message = (lineage.map { finding.message.about($0) } ?? finding.message).printable
        remedy = (lineage.map { finding.remedy.meaning(lineage: $0) } ?? finding.remedy).printable
        `where` = finding.location?.printable
        line = finding.line
    }
}

extension String {
    /// The text without the `subject` and the colon that it begins with.
    func about(_ subject: String) -> String { hasPrefix("\(subject): ") ? String(dropFirst(subject.count + 2)) : self }

    /// A remedy with the lineage's name where the rule, which does not know it, wrote `LINEAGE`; a directory is no name
    /// that certbot would know.
    func meaning(lineage: String) -> String {
        lineage.hasPrefix("/") ? self : replacing(" LINEAGE", with: " \(lineage)")
    }
}

extension StatusDocument {
    /// The document as JSON with a final newline.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
}
