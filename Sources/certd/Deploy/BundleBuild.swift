import CertKit
import FoundationEssentials
import SystemPackage

/// Writes bundles to disk without telling HAProxy.
struct BundleBuild: Sendable {
    let inventory: Inventory
    /// Where to write instead of the configured place.
    let output: FilePath?
    let isForced: Bool
    let isDryRun: Bool

    /// Writes the bundle of `lineage` where its bytes differ, and says what was done in one line.
    func build(_ lineage: Lineage) async throws -> String {
        let target = try inventory.target(of: lineage)
        guard let path = output ?? target?.place.path else {
            throw DeploymentError.noBundle(lineage: lineage.name)
        }
        let wanted = try await inventory.wanted(of: lineage, within: Inventory.deployBound)
        let judge = inventory.judge(hosts: target?.place.hosts ?? [])
        let candidate = try Candidate(checking: wanted.generation, by: judge)
        let guards = Guards(now: inventory.world.now(), isForced: isForced || wanted.pin?.isForced == true)
        let file = BundleFile(path: path, place: target?.place, trusting: inventory.state.users)
        let installed = try? InstalledBundle.read(at: path, keyAt: file.keyPath)
        let stopping = guards.stopping(candidate.findings, served: nil)
        guard stopping.isEmpty else { throw BuildRefusal(lineage: lineage.name, findings: stopping) }
        let leaf = candidate.bundle.leaf
        let pinned = wanted.pin.map { ", pinned at generation \($0.generation)" } ?? ""
        let what = "\(leaf.fingerprint.short), valid until \(leaf.notAfter.utc)\(pinned)"
        if !isDryRun { try file.removeLeftovers() }
        if installed?.isExactly(candidate.bundle) == true { return "\(lineage): up to date: \(path) (\(what))" }
        if isDryRun { return "\(lineage): would write \(path) (\(what))" }
        _ = try file.install(file.stage(file.bytes(of: candidate.bundle)))
        return "\(lineage): wrote \(path) (\(what))"
    }
}

/// A guard refused to write a bundle.
struct BuildRefusal: Diagnosis {
    let lineage: String
    let findings: [Finding]

    var description: String {
        "\(lineage): not written: "
            + findings.map { "\($0.id.rawValue): \($0.message)" }.joined(separator: "; ")
    }
    var remedy: String {
        (findings.map(\.remedy) + ["or all the same: certd build --force \(lineage)"]).joined(separator: "\n")
    }
    var findingID: FindingID { findings.first?.id ?? .deployFailed }
    var location: String? { findings.first?.location }
}
