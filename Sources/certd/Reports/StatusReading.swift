import CertKit
import FoundationEssentials

/// The document as somebody else wrote it; what this version does not know is passed over.
extension StatusDocument: Decodable {
    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let text = try values.decode(String.self, forKey: .checkedAt)
        self.init(
            lineages: try values.decode([LineageStatus].self, forKey: .lineages),
            findings: try values.decode([FindingStatus].self, forKey: .findings),
            at: try Date(text, strategy: .iso8601), from: try values.decode(StatusSource.self, forKey: .source))
    }
}

extension LineageStatus: Decodable {
    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        leaf = try values.decodeIfPresent(LeafStatus.self, forKey: .leaf)
        name = try values.decode(String.self, forKey: .name)
        state = try values.decode(String.self, forKey: .state)
        stations = try values.decode([StationStatus].self, forKey: .stations)
        findings = try values.decode([FindingStatus].self, forKey: .findings)
        path = try values.decodeIfPresent(String.self, forKey: .path)
        lastDeployment = try values.decodeIfPresent(String.self, forKey: .lastDeployment)
        renewalDue = try values.decodeIfPresent(String.self, forKey: .renewalDue)
        renewalDueIsEstimate = try values.decodeIfPresent(Bool.self, forKey: .renewalDueIsEstimate)
        severity = Severity(rawValue: state) ?? .unknown
        notBefore = try leaf.map { try Date($0.notBefore, strategy: .iso8601) }
        notAfter = try leaf.map { try Date($0.notAfter, strategy: .iso8601) }
    }

    /// The same with other findings, and the verdict that follows from them.
    func with(findings: [FindingStatus]) -> LineageStatus { LineageStatus(self, findings: findings) }

    private init(_ other: LineageStatus, findings: [FindingStatus]) {
        self.findings = findings.sorted { $0.rank > $1.rank }
        severity = self.findings.first?.rank ?? .ok
        state = severity.rawValue
        (name, leaf, stations, path) = (other.name, other.leaf, other.stations, other.path)
        (lastDeployment, renewalDue) = (other.lastDeployment, other.renewalDue)
        renewalDueIsEstimate = other.renewalDueIsEstimate
        (notBefore, notAfter) = (other.notBefore, other.notAfter)
    }
}
