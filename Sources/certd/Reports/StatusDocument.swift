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
    /// Who looked.
    let source: StatusSource

    enum CodingKeys: String, CodingKey {
        case schemaVersion = "schema_version"
        case state
        case checkedAt = "checked_at"
        case lineages, findings, source
    }

    /// Worst lineage first; no lineage at all is unknown.
    init(lineages: [LineageStatus], findings: [Finding], at now: Date) {
        self.init(lineages: lineages, findings: findings.map { FindingStatus($0) }, at: now, from: .files)
    }

    /// The same of what is in its shown form already.
    init(lineages: [LineageStatus], findings: [FindingStatus], at now: Date, from source: StatusSource) {
        // Where all is well they come in that order, and 100,000 need not be copied.
        let isRanked = zip(lineages, lineages.dropFirst()).allSatisfy { !$1.precedes($0) }
        let ranked = isRanked ? lineages : lineages.sorted { $0.precedes($1) }
        let general = findings.map(\.rank).max() ?? .ok
        let verdict = max(ranked.map(\.severity).max() ?? .unknown, general)
        state = verdict.rawValue
        checkedAt = now.utc
        self.lineages = ranked
        self.findings = findings.sorted { $0.rank > $1.rank }
        self.source = source
        severity = verdict
    }

    /// The verdict of the run.
    let severity: Severity
}

/// Who looked at the stations.
enum StatusSource: String, Codable, Sendable {
    /// The command itself.
    case files
    /// The daemon, which was asked because the command may not read the keys.
    case daemon
}

/// The leaf that a lineage holds.
struct LeafStatus: Codable, Sendable {
    let serial: String
    let sha256: String
    let notBefore: String
    let notAfter: String
    let names: [String]
    let issuer: String
    let key: String
    /// The common names alone, as metrics are labelled; empty where there is none.
    let subjectCommonName: String
    let issuerCommonName: String

    private enum CodingKeys: String, CodingKey {
        case serial, sha256, names, issuer, key
        case subjectCommonName = "subject_cn"
        case issuerCommonName = "issuer_cn"
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
        subjectCommonName = leaf.subject.commonName?.printable ?? ""
        issuerCommonName = leaf.issuer.commonName?.printable ?? ""
    }
}

/// One station of one lineage.
struct StationStatus: Codable, Sendable {
    let station: String
    let `where`: String
    let state: String
    var sha256: String?
    var serial: String?
}

/// A finding as it is shown: hostile text escaped.
struct FindingStatus: Codable, Sendable {
    let id: String
    let severity: String
    let message: String
    let remedy: String
    let `where`: String?
    let line: Int?

    /// How bad it is; an unknown word is unknown.
    var rank: Severity { Severity(rawValue: severity) ?? .unknown }

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

    /// A remedy with the lineage's name where the rule, which does not know it, wrote `LINEAGE`; a path, an address and
    /// standard input are no names that certbot would know.
    func meaning(lineage: String) -> String {
        lineage.contains { "/: ".contains($0) } ? self : replacing(" LINEAGE", with: " \(lineage)")
    }
}

extension StatusDocument {
    /// The document as JSON with a final newline.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self).escapingUnprintables + "\n"
    }
}

extension String {
    /// JSON that a terminal shows as it is: the encoder leaves in strings what turns text around. It means the same.
    var escapingUnprintables: String {
        guard unicodeScalars.contains(where: { $0 != "\n" && $0.isUnprintable }) else { return self }
        var text = ""
        for scalar in unicodeScalars {
            guard scalar != "\n", scalar.isUnprintable else {
                text.unicodeScalars.append(scalar)
                continue
            }
            for unit in String(scalar).utf16 {
                let digits = String(unit, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return text
    }
}
