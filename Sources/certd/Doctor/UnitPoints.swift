import CertKit
import SystemPackage

/// What has to run by itself: certbot's renewals, the daemon, the hourly check, the watchers.
extension SetupDoctor {
    func unitPoints() async -> [SetupPoint] {
        guard questions.hasSystemd() else {
            return [.skipped("units", "no systemd here: certbot, certd run and certd check need another supervisor")]
        }
        var points: [SetupPoint] = []
        if inventory.lineages.contains(where: \.isCertbots) { points.append(await renewalPoint()) }
        for unit in ["certd.service", "certd-check.timer"] + (needsRoot ? ["certd-deploy.path"] : []) {
            points.append(
                await questions.isActive(unit) == true
                    ? .ok("units", "\(unit): active")
                    : .problem("units", "\(unit): not active", fix: "systemctl enable --now \(unit)"))
        }
        return points + [await writablePoint()].compactMap(\.self)
    }

    /// Whether root has to write a bundle for the daemon.
    private var needsRoot: Bool {
        !user.isRoot && bundleDirectories.contains { (try? $0.stat())?.userID.rawValue != user.id }
    }

    /// certbot's own timer, Debian's or snap's.
    private func renewalPoint() async -> SetupPoint {
        for timer in ["certbot.timer", "snap.certbot.renew.timer", "certbot-renew.timer"]
        where await questions.isActive(timer) == true {
            return .ok("units", "\(timer): active, it renews")
        }
        return .problem(
            "units", "certbot.timer: not active, so certbot renews nothing by itself",
            fix: "systemctl enable --now certbot.timer")
    }

    /// The daemon's file system is read-only but for what its unit names.
    private func writablePoint() async -> SetupPoint? {
        let own = bundleDirectories.filter { (try? $0.stat())?.userID.rawValue == user.id }
        guard !user.isRoot, !own.isEmpty, let paths = await questions.property("ReadWritePaths", of: "certd.service"),
            !paths.isEmpty
        else { return nil }
        let writable = paths.split(separator: " ").map { FilePath(String($0.drop { "-+".contains($0) })) }
        guard let closed = own.first(where: { directory in !writable.contains { directory.starts(with: $0) } }) else {
            return nil
        }
        return .problem(
            "units", "certd.service may not write \(closed)",
            fix:
                "systemctl edit certd, with the lines [Service] and ReadWritePaths=\(closed); then systemctl restart certd"
        )
    }
}
