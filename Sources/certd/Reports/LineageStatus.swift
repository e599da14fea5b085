import CertKit
import FoundationEssentials

/// One lineage in the document.
///
/// There may be 100,000, of which nearly all have nothing to tell but their dates: what the others have is kept apart.
struct LineageStatus: Sendable {
    private let form: Form

    fileprivate enum Form {
        /// Nothing is to be told of the lineage but its dates: the seconds that it is valid, and its end as ``Date`` counts.
        /// In this order they take 24 bytes.
        case calm(Lineage, lifetime: UInt32, notAfter: Double)
        case told(Details)
    }

    var name: String {
        switch form {
        case .calm(let lineage, _, _): lineage.name
        case .told(let details): details.name
        }
    }

    var severity: Severity { details?.severity ?? .ok }

    /// The leaf's dates; nil where it cannot be read.
    var notBefore: Date? {
        switch form {
        case .calm(_, let lifetime, let end): Date(timeIntervalSinceReferenceDate: end - Double(lifetime))
        case .told(let details): details.notBefore
        }
    }
    var notAfter: Date? {
        switch form {
        case .calm(_, _, let end): Date(timeIntervalSinceReferenceDate: end)
        case .told(let details): details.notAfter
        }
    }

    private var details: Details? {
        switch form {
        case .calm: nil
        case .told(let details): details
        }
    }

    /// What there is to tell of one of which there is more.
    final class Details: Sendable {
        let name: String
        let severity: Severity
        let notBefore: Date?
        let notAfter: Date?
        let state: String
        let leaf: LeafStatus?
        let stations: [StationStatus]
        let findings: [FindingStatus]
        let path: String?
        let lastDeployment: String?
        let renewalDue: String?
        let renewalDueIsEstimate: Bool?

        init(
            name: String, severity: Severity, notBefore: Date?, notAfter: Date?, state: String, leaf: LeafStatus?,
            stations: [StationStatus], findings: [FindingStatus], path: String?, lastDeployment: String?,
            renewalDue: String?, renewalDueIsEstimate: Bool?
        ) {
            (self.name, self.severity, self.notBefore, self.notAfter) = (name, severity, notBefore, notAfter)
            (self.state, self.leaf, self.stations, self.findings) = (state, leaf, stations, findings)
            (self.path, self.lastDeployment) = (path, lastDeployment)
            (self.renewalDue, self.renewalDueIsEstimate) = (renewalDue, renewalDueIsEstimate)
        }
    }

    /// As the document says it: the word of the severity.
    var state: String { details?.state ?? severity.rawValue }
    /// nil where it cannot be read, and where nothing is to be told of it but its dates.
    var leaf: LeafStatus? { details?.leaf }
    var stations: [StationStatus] { details?.stations ?? [] }
    var findings: [FindingStatus] { details?.findings ?? [] }
    /// The file that the leaf is served from or was read from; nil for an address and for standard input.
    var path: String? { details?.path }
    /// When it was last deployed; nil where that is not known.
    var lastDeployment: String? { details?.lastDeployment }
    /// When certbot renews it, by its own rules; nil where that cannot be told.
    var renewalDue: String? { details?.renewalDue }
    /// Whether certbot may do so earlier, because the CA may ask it to.
    var renewalDueIsEstimate: Bool? { details?.renewalDueIsEstimate }

    init(
        name: String, leaf: Certificate?, stations: [StationStatus], findings: [Finding], path: String? = nil,
        lastDeployment: Date? = nil, renewal: RenewalDate? = nil, describesLeaf: Bool = true
    ) {
        let ranked = findings.sorted { $0.severity > $1.severity }
        let severity = ranked.first?.severity ?? .ok
        form = .told(
            Details(
                name: name, severity: severity, notBefore: leaf?.notBefore, notAfter: leaf?.notAfter,
                state: severity.rawValue, leaf: describesLeaf ? leaf.map(LeafStatus.init) : nil, stations: stations,
                findings: ranked.map { FindingStatus($0, of: name) }, path: path, lastDeployment: lastDeployment?.utc,
                renewalDue: renewal?.due.utc, renewalDueIsEstimate: renewal?.isEstimate))
    }

    /// One about which there is nothing to tell but its dates.
    init(_ lineage: Lineage, calm: CalmLineage) {
        guard let lifetime = UInt32(exactly: calm.notAfter.timeIntervalSince(calm.notBefore)) else {
            form = .told(
                Details(
                    name: lineage.name, severity: .ok, notBefore: calm.notBefore, notAfter: calm.notAfter,
                    state: Severity.ok.rawValue, leaf: nil, stations: [], findings: [], path: nil, lastDeployment: nil,
                    renewalDue: nil, renewalDueIsEstimate: nil))
            return
        }
        form = .calm(lineage, lifetime: lifetime, notAfter: calm.notAfter.timeIntervalSinceReferenceDate)
    }

    /// The same with other findings, and the verdict that follows from them.
    func with(findings: [FindingStatus]) -> LineageStatus {
        let ranked = findings.sorted { $0.rank > $1.rank }
        let severity = ranked.first?.rank ?? .ok
        return LineageStatus(
            Details(
                name: name, severity: severity, notBefore: notBefore, notAfter: notAfter, state: severity.rawValue,
                leaf: leaf, stations: stations, findings: ranked, path: path, lastDeployment: lastDeployment,
                renewalDue: renewalDue, renewalDueIsEstimate: renewalDueIsEstimate))
    }

    private init(_ details: Details) { form = .told(details) }
}

extension LineageStatus {
    /// Whether it comes first: the worst do, and among equals the name decides.
    func precedes(_ other: LineageStatus) -> Bool {
        guard severity == other.severity else { return severity > other.severity }
        if case .calm(let own, _, _) = form, case .calm(let other, _, _) = other.form { return own < other }
        return name < other.name
    }
}

extension LineageStatus: Codable {
    private enum CodingKeys: String, CodingKey {
        case name, state, leaf, path, stations, findings
        case lastDeployment = "last_deployment"
        case renewalDue = "renewal_due"
        case renewalDueIsEstimate = "renewal_due_is_estimate"
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(name, forKey: .name)
        try values.encode(state, forKey: .state)
        try values.encodeIfPresent(leaf, forKey: .leaf)
        try values.encodeIfPresent(path, forKey: .path)
        try values.encode(stations, forKey: .stations)
        try values.encode(findings, forKey: .findings)
        try values.encodeIfPresent(lastDeployment, forKey: .lastDeployment)
        try values.encodeIfPresent(renewalDue, forKey: .renewalDue)
        try values.encodeIfPresent(renewalDueIsEstimate, forKey: .renewalDueIsEstimate)
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let leaf = try values.decodeIfPresent(LeafStatus.self, forKey: .leaf)
        let state = try values.decode(String.self, forKey: .state)
        self.init(
            Details(
                name: try values.decode(String.self, forKey: .name), severity: Severity(rawValue: state) ?? .unknown,
                // Of a leaf whose dates no calendar has the rest is shown.
                notBefore: leaf.flatMap { Date(utc: $0.notBefore) }, notAfter: leaf.flatMap { Date(utc: $0.notAfter) },
                state: state, leaf: leaf,
                stations: try values.decode([StationStatus].self, forKey: .stations),
                findings: try values.decode([FindingStatus].self, forKey: .findings),
                path: try values.decodeIfPresent(String.self, forKey: .path),
                lastDeployment: try values.decodeIfPresent(String.self, forKey: .lastDeployment),
                renewalDue: try values.decodeIfPresent(String.self, forKey: .renewalDue),
                renewalDueIsEstimate: try values.decodeIfPresent(Bool.self, forKey: .renewalDueIsEstimate)))
    }
}
