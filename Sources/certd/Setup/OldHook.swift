import CertKit
import HAProxyKit
import SystemPackage

/// A hook that does by itself what certd is there for: it writes what HAProxy loads, or has HAProxy reload.
struct OldHook: Equatable, Sendable {
    let hook: CertbotHook
    /// What it writes for HAProxy, a path each, as far as it can be told.
    let bundles: [FilePath]
    /// What it does beside that, which certd would not do in its place.
    let others: [String]

    /// The hook, where it is one; `lineages` are certbot's, by name.
    ///
    /// Other servers have their keys from such hooks too: what HAProxy does not load is none of certd's business.
    init?(_ hook: CertbotHook, lineages: [Lineage], in live: FilePath, loadedBy configuration: HAProxyConfiguration?) {
        let names = hook.lineage.map { [$0] } ?? lineages.map(\.name)
        var bundles: [FilePath] = []
        var others = hook.deeds.others
        var isHAProxys = hook.deeds.tellsHAProxy
        for word in hook.deeds.written {
            let deeds = HookDeeds(written: [word])
            let paths = names.flatMap { deeds.paths(for: $0, in: live) }.map { $0.lexicallyNormalized() }
            let loaded = paths.filter { configuration?.loads($0) ?? false }
            if !loaded.isEmpty || (paths.isEmpty && configuration?.loadsDirectory(of: word) ?? false) {
                isHAProxys = true
                for path in loaded where !bundles.contains(path) { bundles.append(path) }
            } else if !word.written.hasPrefix("/tmp/") {
                others.append("writes \(word.written)")
            }
        }
        guard isHAProxys else { return nil }
        (self.hook, self.bundles, self.others) = (hook, bundles, others)
    }

    /// What it does, for messages.
    var description: String {
        let writes =
            hook.deeds.written.isEmpty
            ? nil : "writes \(bundles.isEmpty ? "bundles" : bundles.map(\.string).joined(separator: ", "))"
        return [writes, hook.deeds.tellsHAProxy ? "tells HAProxy to take it" : nil].compactMap(\.self).joined(
            separator: " and ")
    }
}

extension CertbotHook {
    /// The lineage that it is for; nil where it is for all.
    fileprivate var lineage: String? {
        guard case .renewal(let lineage, _, _) = place else { return nil }
        return lineage
    }
}

extension HAProxyConfiguration {
    /// Whether HAProxy loads the file at `path`, or will at its next start.
    func loads(_ path: FilePath) -> Bool {
        !names(of: path).isEmpty || !listeners(loading: path.string).isEmpty
    }

    /// Whether HAProxy loads anything from the directory that a name begins with which only a shell could tell.
    fileprivate func loadsDirectory(of word: ShellWord) -> Bool {
        guard case .text(let start) = word.parts.first, let slash = start.lastIndex(of: "/"), slash != start.startIndex
        else { return false }
        let directory = FilePath(String(start[..<slash])).lexicallyNormalized()
        return listeners.contains { listener in
            listener.certificates.contains { $0.file?.removingLastComponent().lexicallyNormalized() == directory }
                || listener.lists.contains { $0.isDirectory && FilePath($0.name).lexicallyNormalized() == directory }
        }
    }
}

extension Inventory {
    /// The hooks of certbot's that do what certd is there for, and those of which that cannot be told.
    ///
    /// - Throws: ``FileError`` where certbot's directories cannot be read.
    func oldHooks() throws(FileError) -> (old: [OldHook], unread: [CertbotHook]) {
        let live = settings.letsencrypt.appending("live")
        let certbots = lineages.filter(\.isCertbots)
        var found: (old: [OldHook], unread: [CertbotHook]) = ([], [])
        for hook in try CertbotHook.all(in: settings.letsencrypt) {
            if let old = OldHook(hook, lineages: certbots, in: live, loadedBy: configuration) {
                found.old.append(old)
            } else if hook.deeds.isUnread {
                found.unread.append(hook)
            }
        }
        return found
    }
}
