/// A metric by its name; what it is called, means and counts does not depend on how it is read.
enum Metric: String, CaseIterable {
    // As x509-certificate-exporter names them, whose dashboards and rules then work unchanged.
    case notAfter = "x509_cert_not_after"
    case notBefore = "x509_cert_not_before"
    case expired = "x509_cert_expired"
    case expiresIn = "x509_cert_expires_in_seconds"
    case sourceUp = "x509_source_up"
    case sourceErrors = "x509_source_errors_total"
    // certd's own.
    case certificateInfo = "certd_certificate_info"
    case lifetimeRatio = "certd_certificate_lifetime_ratio"
    case renewalDue = "certd_certificate_renewal_due_timestamp_seconds"
    case finding = "certd_finding"
    case checkState = "certd_check_state"
    case stationInSync = "certd_station_in_sync"
    case lastDeployment = "certd_last_deployment_timestamp_seconds"
    case haproxyUp = "certd_haproxy_up"
    case oldWorkers = "certd_haproxy_old_workers"
    case lastCheck = "certd_last_check_timestamp_seconds"
    case buildInfo = "certd_build_info"
    // The daemon's alone.
    case deployments = "certd_deployments_total"
    case deploymentFailures = "certd_deployment_failures_total"
    case deploymentDuration = "certd_deployment_duration_seconds"
    case processStart = "process_start_time_seconds"

    /// What it means, on one line.
    var help: String {
        switch self {
        case .notAfter: "When the leaf ends, as a Unix time."
        case .notBefore: "When the leaf begins to be valid, as a Unix time."
        case .expired: "Whether the leaf has ended."
        case .expiresIn: "Seconds until the leaf ends, negative afterwards."
        case .sourceUp: "Whether the lineage could be read."
        case .sourceErrors: "How often the lineage could not be read since the daemon began."
        case .certificateInfo: "1, with what changes at each renewal as labels."
        case .lifetimeRatio: "The part of the leaf's lifetime that is left, negative after its end."
        case .renewalDue: "When certbot renews the lineage by its own rules, as a Unix time."
        case .finding: "1 while the finding is raised; lineage is empty where it concerns no single one."
        case .checkState: "The verdict on the lineage: 0 ok, 1 warning, 2 critical, 3 unknown."
        case .stationInSync: "Whether the station shows the lineage's leaf; absent where there is none to look at."
        case .lastDeployment: "When the lineage was last brought onto the wire, as a Unix time."
        case .haproxyUp: "Whether HAProxy answers at the socket."
        case .oldWorkers: "Workers that keep their sessions after reloads; absent where HAProxy's master does not tell."
        case .lastCheck: "When certd last looked, as a Unix time."
        case .buildInfo: "1, with certd's version as a label."
        case .deployments: "Lineages that were deployed since the daemon began."
        case .deploymentFailures: "Deployments that failed since the daemon began; each try is one."
        case .deploymentDuration: "How long the deployments took that did something and did not fail."
        case .processStart: "When the daemon began, as a Unix time."
        }
    }

    /// What kind of number it is.
    var kind: Kind {
        switch self {
        case .sourceErrors, .deployments, .deploymentFailures: .counter
        case .deploymentDuration: .histogram
        default: .gauge
        }
    }

    enum Kind: String { case gauge, counter, histogram }
}
