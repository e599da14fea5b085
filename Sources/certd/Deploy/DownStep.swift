import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage

/// The way of a bundle while HAProxy is not running: onto the disk, and back if the next start would fail because of it.
struct DownStep: Sendable {
    let file: BundleFile
    let inventory: Inventory

    /// Installs `staged`, and judges the next start.
    ///
    /// - Throws: ``DeploymentError/stopsNextStart(bundle:configuration:alerts:)`` when only the new bundle is to blame; what
    ///   stood there before is back then.
    func run(staged: consuming StagedBundle) async throws -> [Finding] {
        let configuration = inventory.settings.haproxy.configuration
        let before = await inventory.startVerdict()
        let kept = KeptBundle(of: file)
        let wasKept = try kept.keep()
        let findings = try file.install(staged)
        let after = await inventory.startVerdict()
        if case .bad(let alerts) = after, case .good = before {
            let error = DeploymentError.stopsNextStart(
                bundle: file.path.string, configuration: configuration.string, alerts: alerts)
            throw DeploymentError.undone(cause: error, aftermath: putBack(kept, wasKept))
        }
        try kept.letGo()
        return findings + [unreachable(after)]
    }

    private func putBack(_ kept: KeptBundle, _ wasKept: Bool) -> DeploymentError.Aftermath {
        do {
            try kept.putBack(wasKept)
            return .gone
        } catch {
            return .uneven("the bundle from before could not be put back: \(error)")
        }
    }

    private func unreachable(_ verdict: StartVerdict) -> Finding {
        let check = "haproxy -c -f \(inventory.settings.haproxy.configuration)"
        let (start, remedy) =
            switch verdict {
            case .good: ("its next start will load the new bundle", "systemctl start haproxy")
            case .bad(let alerts): ("its next start will fail, but not because of this bundle: \(alerts)", check)
            case .unknown(let why): ("whether its next start works could not be asked: \(why)", check)
            }
        return Finding(
            .haproxyUnreachable, "HAProxy is not running; \(start)", remedy: remedy,
            location: inventory.settings.haproxy.configuration.string)
    }
}
