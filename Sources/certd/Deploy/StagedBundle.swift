import CertKit
import SystemPackage

/// A bundle's files, written and synced, that take their places so that HAProxy's start finds a whole bundle at every
/// moment.
///
/// Two files cannot be replaced in one step. But HAProxy looks for a key of its own file only where the certificates'
/// file holds none (2.6 to 3.2), so that file is replaced twice: by one with the key, then, after the key's file, by the
/// one without. A run killed in between leaves a bundle that works, and other bytes than the next look expects.
struct StagedBundle: ~Copyable, Sendable {
    let path: FilePath
    let keyPath: FilePath?
    var whole: StagedFile?
    var key: StagedFile?
    var certificates: StagedFile?

    /// Puts the files in their places; gives the paths where symbolic links stood.
    ///
    /// - Throws: ``WriteError``; with two files the first may have been replaced then.
    consuming func install() throws(WriteError) -> [FilePath] {
        var links: [FilePath] = []
        if let whole = whole.take(), try whole.install() == .symbolicLink { links.append(path) }
        if let key = key.take(), let keyPath, try key.install() == .symbolicLink { links.append(keyPath) }
        if let certificates = certificates.take() { try certificates.install() }
        return links
    }
}
