import CertKit
import HAProxyKit

/// Why a lineage was not deployed.
enum DeploymentError: Diagnosis {
    /// A guard refused it; or the generation that it is pinned at.
    case stopped(lineage: String, findings: [Finding], pinned: Int? = nil)
    /// HAProxy runs, as a handshake shows, but its socket does not answer.
    case socketDownButServing(socket: String, address: String)
    /// HAProxy does not know the bundle's name and nothing tells where to add it.
    case nameUnknown(name: String, socket: String)
    /// HAProxy said success but shows another certificate.
    case notTaken(name: String, socket: String)
    /// A handshake still shows another leaf.
    case notServed(address: String, served: Fingerprint, expected: Fingerprint)
    /// A handshake that worked before fails now.
    case unprovable(address: String, cause: ProbeError)
    /// HAProxy was reloaded again and again while the bundle was being deployed.
    case keepsReloading(socket: String)
    /// The next start of HAProxy would fail because of the new bundle.
    case stopsNextStart(bundle: String, configuration: String, alerts: String)
    /// Nothing says where its bundle is.
    case noBundle(lineage: String)
    /// The hook's time was used up before this lineage was begun.
    case outOfTime(lineage: String)
    /// A failure after HAProxy's memory or the disk had moved, and what was done about it.
    case undone(cause: any Error, aftermath: Aftermath)

    /// How memory and disk stand after a failure.
    enum Aftermath: Sendable {
        /// Nothing had moved.
        case untouched
        /// The certificate served before is served again.
        case restored
        /// HAProxy is not running any more, and on disk stands what stood there before.
        case gone
        /// What was served before cannot be brought back: the new one stays, on disk too.
        case newKept(String)
        /// Neither way worked: memory and disk may differ.
        case uneven(String)
    }
}

extension DeploymentError {
    var description: String {
        switch self {
        case .stopped(let lineage, let findings, _):
            "\(lineage): not deployed: "
                + findings.map { "\($0.id.rawValue): \($0.message)" }.joined(separator: "; ")
        case .socketDownButServing(let socket, let address):
            "nothing listens on HAProxy's socket (\(socket)), yet \(address) accepts connections"
        case .nameUnknown(let name, let socket): "HAProxy has not loaded this name (\(name) on \(socket))"
        case .notTaken(let name, let socket):
            "HAProxy answered success but shows another certificate (\(name) on \(socket))"
        case .notServed(let address, let served, let expected):
            "\(address) still serves \(served.short), not \(expected.short)"
        case .unprovable(_, let cause): cause.description
        case .keepsReloading(let socket):
            "HAProxy was reloaded \(LiveStep.attempts) times while its certificate was being replaced (\(socket))"
        case .stopsNextStart(let bundle, _, let alerts):
            "HAProxy would not start with the new bundle (\(bundle)): \(alerts)"
        case .noBundle(let lineage): "\(lineage): no bundle belongs to this lineage"
        case .outOfTime(let lineage):
            "\(lineage): not begun, because the hook's time was used up by the lineages before it"
        case .undone(let cause, let aftermath): "\(cause); \(aftermath.text)"
        }
    }

    var remedy: String {
        switch self {
        case .stopped(let lineage, let findings, let number):
            hints(
                for: findings,
                forced: number.map { "certd rollback --force --to \($0) \(lineage)" }
                    ?? "certd deploy --force \(lineage)")
        case .socketDownButServing:
            "look with ss -xlp whether HAProxy listens there; compare the stats socket line of haproxy.cfg with [haproxy] sockets"
        case .nameUnknown(let name, _):
            "compare with echo 'show ssl cert' | socat stdio SOCKET; set name in the [[bundle]] entry, or run certd build and "
                + "systemctl reload haproxy once so that HAProxy loads \(name)"
        case .notTaken(_, let socket):
            "look with echo 'show ssl cert' | socat stdio \(socket) for another client at work; then certd deploy again"
        case .notServed(let address, _, _):
            "look with ss -tlnp for a second HAProxy or an old worker on \(address); then certd deploy again"
        case .unprovable(_, let cause): cause.remedy
        case .keepsReloading: "find out what reloads HAProxy (journalctl -u haproxy); then certd deploy again"
        case .stopsNextStart(let bundle, let configuration, _):
            "compare what haproxy.cfg asks of \(bundle) with the lineage: haproxy -c -f \(configuration)"
        case .noBundle(let lineage):
            "write a [[bundle]] entry with lineage = \"\(lineage)\" and its path in certd.toml, or [bundles] directory"
        case .outOfTime(let lineage): "certd deploy \(lineage)"
        case .undone(let cause, _): (cause as? any Diagnosis)?.remedy ?? "run certd deploy again"
        }
    }

    var findingID: FindingID {
        switch self {
        case .stopped(_, let findings, _): findings.first?.id ?? .deployFailed
        case .socketDownButServing: .haproxyUnreachable
        case .nameUnknown: .memoryMissing
        case .notTaken: .memoryStale
        case .notServed: .wireStale
        case .unprovable: .wireUnreachable
        case .noBundle: .bundleMissing
        case .keepsReloading, .stopsNextStart, .outOfTime: .deployFailed
        case .undone(let cause, _): (cause as? any Diagnosis)?.findingID ?? .deployFailed
        }
    }

    /// Whether the new leaf was not shown on the wire, and all is as it was before.
    var hasRestoredWhatWasNotProven: Bool {
        guard case .undone(let cause as DeploymentError, .restored) = self else { return false }
        return switch cause {
        case .notServed, .unprovable: true
        default: false
        }
    }

    /// The place that the cause of a failure concerns.
    var location: String? {
        if case .undone(let cause as any Diagnosis, _) = self { cause.location } else { nil }
    }

    /// One line for each thing to do.
    private func hints(for findings: [Finding], forced command: String) -> String {
        var hints: [String] = []
        for finding in findings where !hints.contains(finding.remedy) { hints.append(finding.remedy) }
        if canBeForced { hints.append("to deploy it all the same: \(command)") }
        return hints.joined(separator: "\n")
    }

    private var canBeForced: Bool {
        if case .stopped(_, let findings, _) = self { !findings.contains { $0.id == .keyMismatch } } else { false }
    }
}

extension DeploymentError.Aftermath {
    fileprivate var text: String {
        switch self {
        case .untouched: "nothing was changed, the certificate served before is still served"
        case .restored: "the certificate served before is served again"
        case .gone: "HAProxy is not running any more, and the bundle on disk is as it was"
        case .newKept(let why): "\(why), so the new one stays, on disk too"
        case .uneven(let why): "HAProxy's memory and the disk may differ now: \(why)"
        }
    }
}

extension Fingerprint {
    /// Enough of it for a person to compare.
    var short: String { "\(description.prefix(16))…" }
}
