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
    /// - Throws: ``DeploymentError/stopsNextStart(bundle:alerts:)`` when only the new bundle is to blame; the old one is
    ///   back in place then.
    func run(staged: consuming StagedFile, replacing old: InstalledBundle?) async throws -> [Finding] {
        let configuration = inventory.settings.haproxy.configuration
        let before = await inventory.world.judge(configuration)
        let findings = try file.install(staged)
        let after = await inventory.world.judge(configuration)
        if case .bad(let alerts) = after, case .good = before, let old {
            try file.stage(old.contents.bytes).install()
            throw DeploymentError.stopsNextStart(bundle: file.path.string, alerts: alerts)
        }
        return findings + [unreachable(after)]
    }

    private func unreachable(_ verdict: StartVerdict) -> Finding {
        let start =
            switch verdict {
            case .good: "its next start will load the new bundle"
            case .bad(let alerts): "its next start will fail, and did so before this bundle: \(alerts)"
            case .unknown(let why): "whether its next start works could not be asked: \(why)"
            }
        return Finding(
            .haproxyUnreachable, "HAProxy is not running; \(start)", remedy: "systemctl start haproxy",
            location: inventory.settings.haproxy.configuration.string)
    }
}
