public import FoundationEssentials

extension Certificate {
    /// What the calendar says about this leaf at the time `now`, by the `thresholds` for what is left.
    ///
    /// `location` is the file or address that it was read from.
    public func timeFindings(on now: Date, thresholds: Thresholds, location: String) -> [Finding] {
        CertKit.timeFindings(
            notBefore: notBefore, notAfter: notAfter, on: now, thresholds: thresholds, location: location)
    }

    /// What is wrong with the leaf's names where all of `hosts` must be covered.
    ///
    /// `location` is the file or address that the leaf was read from.
    public func nameFindings(hosts: [String], location: String) -> [Finding] {
        var found: [Finding] = []
        if names.isEmpty {
            found.append(
                Finding(
                    .noSAN, "no subject alternative name: a common name proves nothing (RFC 9525)",
                    remedy: "obtain a certificate with SANs: certbot certonly -d NAME", location: location))
        }
        let uncovered = hosts.filter { !covers($0) }
        if !uncovered.isEmpty {
            found.append(.uncovered(uncovered, location: location))
        }
        return found
    }
}

/// What the calendar says about a leaf of these dates at the time `now`, by the `thresholds` for what is left.
///
/// At exactly notAfter it is still valid (RFC 5280, 4.1.2.5). `location` is the file or address that it was read from.
public func timeFindings(
    notBefore: Date, notAfter: Date, on now: Date, thresholds: Thresholds, location: String
) -> [Finding] {
    if now < notBefore {
        let starts = notBefore.utc
        return [
            Finding(
                .notYetValid, "valid from \(starts) on, which is ahead of this host's clock",
                remedy: "compare the clock with timedatectl; if it is right, wait",
                location: location)
        ]
    }
    let remedy = "run certbot renew and look at its output; then certd deploy"
    let ends = notAfter.utc
    if now > notAfter {
        return [Finding(.expired, "expired at \(ends)", remedy: remedy, location: location)]
    }
    guard let severity = thresholds.severity(notBefore: notBefore, notAfter: notAfter, on: now) else { return [] }
    return [Finding(.expiring, severity: severity, "ends at \(ends)", remedy: remedy, location: location)]
}

extension Finding {
    /// No name of a certificate covers `hosts`.
    public static func uncovered(_ hosts: [String], location: String) -> Finding {
        Finding(
            .nameMismatch, "not covered by any name of the certificate: \(hosts.joined(separator: ", "))",
            remedy: "obtain it for every name: certbot certonly --expand -d NAME -d NAME", location: location)
    }
}
