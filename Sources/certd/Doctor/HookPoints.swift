import CertKit
import SystemPackage

/// certbot and its hooks: those of certd are there, and no other one does the same.
extension SetupDoctor {
    func certbotPoints() async -> [SetupPoint] {
        guard inventory.lineages.contains(where: \.isCertbots) || (try? settings.letsencrypt.stat()) != nil else {
            return []
        }
        guard let version = await questions.certbotVersion() else {
            return [.skipped("certbot", "no certbot answers here; its files are read all the same")]
        }
        // Seen with 2.1 and 4.0; 5.3.0 changed it.
        let runsOnIssue = version.isAtLeast(5, 3)
        let note =
            runsOnIssue ? "" : "; it runs these hooks at renewals only, so name certbot-deploy at the first issue"
        return [.ok("certbot", "version \(version)\(note)")]
    }

    func hookPoints() async -> [SetupPoint] {
        let certbot = await questions.certbotVersion()
        var points: [SetupPoint] = []
        for hook in PackageHook.allCases { points.append(point(of: hook)) }
        do {
            let (old, unread) = try inventory.oldHooks()
            points += old.map { hook in
                .problem(
                    "old-hook", "\(hook.hook.words): \(hook.description), as certd does", fix: hook.retirement(certbot))
            }
            points += unread.map { .warning("old-hook", $0.unread.what, fix: $0.unread.remedy) }
            if old.isEmpty, unread.isEmpty {
                points.append(.ok("old-hook", "no other hook writes what HAProxy loads, or reloads it"))
            }
        } catch {
            points.append(.failure("old-hook", error))
        }
        return points
    }

    private func point(of hook: PackageHook) -> SetupPoint {
        let path = hook.path(in: settings.letsencrypt)
        do throws(FileError) {
            switch try hook.standing(in: settings.letsencrypt) {
            case .installed: return .ok("hook", "\(path): installed")
            case .notExecutable:
                return .problem("hook", "\(path): certbot skips it, it is not executable", fix: "chmod +x \(path)")
            case .missing: return .problem("hook", "\(path): not there", fix: "certd init")
            case .other:
                let runsCertd = try readFile(at: path).text.contains("certd")
                if runsCertd { return .ok("hook", "\(path): your own, and it runs certd") }
                return .problem("hook", "\(path): it does not run certd", fix: "mv \(path) \(path)~ && certd init")
            }
        } catch {
            return .failure("hook", error)
        }
    }
}
