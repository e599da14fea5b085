/// A metric by its name; what it is called, means and counts does not depend on how it is read.
enum Metric: String, CaseIterable {
    // As x509-certificate-exporter names them, whose dashboards and rules then work unchanged.
    case notAfter = "x509_cert_not_after"
    case notBefore = "x509_cert_not_before"
    case expired = "x509_cert_expired"
    case expiresIn = "x509_cert_expires_in_seconds"
    case sourceUp = "x509_source_up"
    // certd's own.
    case certificateInfo = "certd_certificate_info"
    case lifetimeRatio = "certd_certificate_lifetime_ratio"
    case renewalDue = "certd_certificate_renewal_due_timestamp_seconds"
    case finding = "certd_finding"
    case checkState = "certd_check_state"
    case stationInSync = "certd_station_in_sync"
    case lastDeployment = "certd_last_deployment_timestamp_seconds"
    case haproxyUp = "certd_haproxy_up"
    case lastCheck = "certd_last_check_timestamp_seconds"
    case buildInfo = "certd_build_info"

    /// What it means, on one line.
    var help: String {
        switch self {
        case .notAfter: "When the leaf ends, as a Unix time."
        case .notBefore: "When the leaf begins to be valid, as a Unix time."
        case .expired: "Whether the leaf has ended."
        case .expiresIn: "Seconds until the leaf ends, negative afterwards."
        case .sourceUp: "Whether the lineage could be read."
        case .certificateInfo: "1, with what changes at each renewal as labels."
        case .lifetimeRatio: "The part of the leaf's lifetime that is left, negative after its end."
        case .renewalDue: "When certbot renews the lineage by its own rules, as a Unix time."
        case .finding: "1 while the finding is raised; lineage is empty where it concerns no single one."
        case .checkState: "The verdict on the lineage: 0 ok, 1 warning, 2 critical, 3 unknown."
        case .stationInSync: "Whether the station shows the lineage's leaf; absent where there is none to look at."
        case .lastDeployment: "When the lineage was last brought onto the wire, as a Unix time."
        case .haproxyUp: "Whether HAProxy answers at the socket."
        case .lastCheck: "When certd last looked, as a Unix time."
        case .buildInfo: "1, with certd's version as a label."
        }
    }
}

/// The series of one metric.
struct MetricFamily {
    let metric: Metric
    /// Labels in order, and the value as text.
    private(set) var series: [String] = []
    private var known: Set<String> = []

    init(_ metric: Metric) { self.metric = metric }

    /// Adds one; a second with the same labels would make the whole text invalid, so the first one stays.
    mutating func add(_ labels: KeyValuePairs<String, String>, _ value: some CustomStringConvertible) {
        let text = labels.map { "\($0.key)=\"\($0.value.labelValue)\"" }.joined(separator: ",")
        guard known.insert(text).inserted else { return }
        series.append("\(metric.rawValue)\(text.isEmpty ? "" : "{\(text)}") \(value)\n")
    }

    /// The lines of the text format, version 0.0.4; nothing where there are no series.
    var text: String {
        guard !series.isEmpty else { return "" }
        return "# HELP \(metric.rawValue) \(metric.help)\n# TYPE \(metric.rawValue) gauge\n" + series.joined()
    }
}

extension String {
    /// As the value of a label.
    fileprivate var labelValue: String {
        replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
