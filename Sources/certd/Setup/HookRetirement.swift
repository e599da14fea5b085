import SystemPackage

extension CertbotHook {
    /// Which hook it is, for messages.
    var words: String {
        switch place {
        case .file(let path): path.string
        case .renewal(_, let path, let key), .settings(let path, let key): "\(path), \(key)"
        }
    }
}

extension CertbotHook {
    /// What is said of one that cannot be read.
    var unread: (what: String, remedy: String) {
        (
            "\(words): it speaks of HAProxy, and what it does cannot be read",
            "see whether it does what certd does: less \(path)"
        )
    }
}

extension OldHook {
    /// Whether certd takes its place altogether and may put it aside: a file of certbot's hooks that does nothing else.
    var isPutAside: Bool {
        guard case .file = hook.place else { return false }
        return others.isEmpty
    }

    /// What an operator does about it; `certbot` as below.
    func retirement(_ certbot: CertbotVersion?) -> String {
        isPutAside ? "certd init, which renames it to \(hook.path.lastComponent?.string ?? "")~" : byHand(certbot)
    }

    /// What only an operator can do about it: certbot's own files are certbot's to change; `certbot` is the version that
    /// does it, nil where it is not known.
    func byHand(_ certbot: CertbotVersion?) -> String {
        switch hook.place {
        case .file(let path):
            "it does more (\(others.prefix(3).joined(separator: "; "))): take out what certd does: editor \(path)"
        case .settings(let path, let key): "take the line \(key) out: editor \(path)"
        case .renewal(let lineage, let path, let key): line(of: lineage, path, key, certbot)
        }
    }

    /// `certbot reconfigure` came with 2.3.
    private func line(of lineage: String, _ path: FilePath, _ key: String, _ certbot: CertbotVersion?) -> String {
        let letsencrypt = path.removingLastComponent().removingLastComponent()
        let own: PackageHook = hook.kind == .deploy ? .deploy : .post
        let command = own.path(in: letsencrypt)
        guard others.isEmpty else {
            return
                "it does more (\(others.prefix(3).joined(separator: "; "))): take out what certd does: editor \(path)"
        }
        if certbot?.isAtLeast(2, 3) ?? false {
            let option = hook.kind == .deploy ? "--deploy-hook" : "--post-hook"
            return "certbot reconfigure --cert-name \(lineage) \(option) \(command)"
        }
        return "sed -i 's|^\(key) *=.*|\(key) = \(command)|' \(path)"
    }
}
