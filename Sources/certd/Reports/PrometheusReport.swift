import CertKit
import FoundationEssentials
import SystemPackage

/// The document as metrics: for node_exporter's textfile collector, and for whoever asks the daemon.
///
/// Without timestamps, one of which would have that collector skip the file.
struct PrometheusReport {
    let document: StatusDocument
    let now: Date
    var format = MetricsFormat.text
    /// How often lineages could not be read, by their names; nil where nobody has counted.
    var readErrors: [String: Int]?
    /// Metrics that somebody else tells.
    var leavingOut: Set<Metric> = []

    /// The text with a final newline; what ends an OpenMetrics text is left to whoever sends it.
    func text() -> String {
        Metric.allCases.filter { !leavingOut.contains($0) }.map { metric in
            var family = MetricFamily(metric, format)
            add(to: &family)
            return family.text
        }.joined()
    }

    private func add(to family: inout MetricFamily) {
        switch family.metric {
        case .lastCheck: family.add([:], unixTime(document.checkedAt) ?? 0)
        case .buildInfo: family.add(["version": Version.current], 1)
        case .haproxyUp: addSockets(to: &family)
        case .finding:
            for lineage in document.lineages { add(lineage.findings, of: lineage.name, to: &family) }
            add(document.findings, of: "", to: &family)
        default: for lineage in document.lineages { add(lineage, to: &family) }
        }
    }

    private func add(_ lineage: LineageStatus, to family: inout MetricFamily) {
        let name = lineage.name.printable
        switch family.metric {
        case .checkState: family.add(["lineage": name], lineage.severity.exitCode)
        case .sourceUp:
            family.add(["source_kind": "file", "source_name": name], lineage.leaf == nil ? 0 : 1)
        case .sourceErrors:
            guard let readErrors else { return }
            family.add(["source_kind": "file", "source_name": name], readErrors[lineage.name] ?? 0)
        case .renewalDue:
            if let due = lineage.renewalDue.flatMap(unixTime) { family.add(["lineage": name], due) }
        case .lastDeployment:
            if let last = lineage.lastDeployment.flatMap(unixTime) { family.add(["lineage": name], last) }
        case .stationInSync:
            for station in ["bundle", "memory", "wire"] {
                let states = lineage.stations.filter { $0.station == station }.map(\.state)
                    .filter { $0 != StationState.notConfigured.rawValue }
                guard !states.isEmpty else { continue }
                let isInSync = states.allSatisfy { $0 == StationState.inSync.rawValue }
                family.add(["lineage": name, "station": station], isInSync ? 1 : 0)
            }
        default:
            guard let leaf = lineage.leaf, let start = lineage.notBefore, let end = lineage.notAfter else { return }
            add(Dated(lineage: lineage, leaf: leaf, start: start, end: end), to: &family)
        }
    }

    /// A lineage that could be read.
    private struct Dated {
        let lineage: LineageStatus
        let leaf: LeafStatus
        let start: Date
        let end: Date
    }

    private func add(_ dated: Dated, to family: inout MetricFamily) {
        let (leaf, name) = (dated.leaf, dated.lineage.name.printable)
        let left = dated.end.timeIntervalSince(now)
        let value: Int
        switch family.metric {
        case .certificateInfo:
            family.add(
                [
                    "lineage": name, "serial_number": leaf.serial, "fingerprint_sha256": leaf.sha256,
                    "key_type": leaf.key, "issuer_CN": leaf.issuerCommonName,
                ], 1)
            return
        case .lifetimeRatio:
            family.add(["lineage": name], left / max(dated.end.timeIntervalSince(dated.start), 1))
            return
        case .notAfter: value = Int(dated.end.timeIntervalSince1970)
        case .notBefore: value = Int(dated.start.timeIntervalSince1970)
        case .expired: value = left < 0 ? 1 : 0
        case .expiresIn: value = Int(left.rounded(.down))
        default: return
        }
        let path = FilePath(dated.lineage.path ?? dated.lineage.name)
        family.add(
            [
                "serial_number": decimal(hexadecimal: leaf.serial), "subject_CN": leaf.subjectCommonName,
                "issuer_CN": leaf.issuerCommonName, "filename": (path.lastComponent?.string ?? name).printable,
                "filepath": path.string.printable,
            ], value)
    }

    private func add(_ findings: [FindingStatus], of name: String, to family: inout MetricFamily) {
        for finding in findings {
            family.add(["lineage": name.printable, "finding": finding.id, "severity": finding.severity], 1)
        }
    }

    private func addSockets(to family: inout MetricFamily) {
        let sockets = Set(
            document.lineages.flatMap(\.stations).filter { $0.station == "memory" && !$0.where.isEmpty }.map(\.where))
        let silent = document.findings.filter { $0.id == FindingID.haproxyUnreachable.rawValue }
        for socket in sockets.sorted() {
            let isSilent = silent.contains { $0.where == socket || $0.message.hasPrefix("\(socket): ") }
            family.add(["socket": socket.printable], isSilent ? 0 : 1)
        }
    }

    private func unixTime(_ text: String) -> Int? {
        Date(utc: text).map { Int($0.timeIntervalSince1970) }
    }
}

/// A number of up to 20 bytes in decimal, as x509-certificate-exporter has serials.
func decimal(hexadecimal text: String) -> String {
    // Units first.
    var digits: [Int] = [0]
    for character in text {
        var carry = character.hexDigitValue ?? 0
        for place in digits.indices {
            let sum = digits[place] * 16 + carry
            (digits[place], carry) = (sum % 10, sum / 10)
        }
        while carry > 0 {
            digits.append(carry % 10)
            carry /= 10
        }
    }
    return digits.reversed().map(String.init).joined()
}
