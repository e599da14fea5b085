import CertKit
import Glibc
import SystemPackage

/// The file that a bundle is written to, or the two where its key has one of its own, with the owner that the
/// configuration wants.
struct BundleFile: Sendable {
    let path: FilePath
    var keyPath: FilePath?
    var owner: String?
    var group: String?
    /// Who may write its directory besides root and the caller.
    let trusted: Set<UInt32>

    /// The file of a configured place, or at another path with that place's owner, where all of it goes into one file.
    init(path: FilePath, place: BundlePlace?, trusting trusted: Set<UInt32>) {
        self.path = path
        self.trusted = trusted
        keyPath = path == place?.path ? place?.keyPath : nil
        owner = place?.owner
        group = place?.group
    }

    /// Where they are.
    var directories: Set<FilePath> { Set([path, keyPath].compactMap { $0?.removingLastComponent() }) }

    /// The canonical bytes of `bundle`, for as many files as there are.
    func bytes(of bundle: Bundle) -> BundleBytes { bundle.bytes(inTwoFiles: keyPath != nil) }

    /// What stands there, whatever it is.
    func contents() throws(FileError) -> BundleBytes {
        let main = try readFile(at: path).bytes
        guard let keyPath else { return BundleBytes(main: main) }
        do throws(FileError) {
            return BundleBytes(main: main, key: try readFile(at: keyPath).bytes)
        } catch {
            guard error.isMissing else { throw error }
            return BundleBytes(main: main)
        }
    }

    /// Writes `bytes` beside the files, synced, ready to take their places.
    func stage(_ bytes: BundleBytes) throws(WriteError) -> StagedBundle {
        let whole = try stage(bytes.joined, to: path)
        guard let keyPath, let key = bytes.key else {
            return StagedBundle(path: path, keyPath: nil, whole: whole, key: nil, certificates: nil)
        }
        return StagedBundle(
            path: path, keyPath: keyPath, whole: whole, key: try stage(key, to: keyPath),
            certificates: try stage(bytes.main, to: path))
    }

    private func stage(_ bytes: SecretBytes, to path: FilePath) throws(WriteError) -> StagedFile {
        var user: UInt32?
        if let owner { user = try userID(named: owner) }
        var members: UInt32?
        if let group { members = try groupID(named: group) }
        return try StagedFile(replacing: path, with: bytes, owner: user, group: members, trusting: trusted)
    }

    /// Puts `bytes` there, to tidy up after a failure.
    ///
    /// That the directory could not be synced is no reason to stop: after a power loss HAProxy starts with whichever file
    /// stands there, so memory and disk are equal in any case.
    func put(_ bytes: BundleBytes) throws(WriteError) {
        let staged = try stage(bytes)
        do throws(WriteError) {
            _ = try install(staged)
        } catch .notDurable {}
        if let keyPath, bytes.key == nil { try remove(keyPath) }
    }

    /// Takes the files away again, to tidy up after a failure.
    func remove() throws(WriteError) {
        try remove(path)
        if let keyPath { try remove(keyPath) }
    }

    private func remove(_ path: FilePath) throws(WriteError) {
        guard unsafe unlink(path.string) != 0, errno != ENOENT else { return }
        throw .failed(.remove, path: path, Errno(rawValue: errno))
    }

    /// Moves the new bundle into place, and reports symlinks that stood there.
    func install(_ staged: consuming StagedBundle) throws(WriteError) -> [Finding] {
        try staged.install().map { path in
            Finding(
                .bundleWasSymlink, "a symlink stood at the bundle's path and was replaced by a file",
                remedy: "look with ls -l \(path.removingLastComponent()) for what it pointed to and who reads that",
                location: path.string)
        }
    }

    /// Removes what runs that were killed have left beside the files; only to be called under the lock.
    func removeLeftovers() throws(WriteError) {
        try StagedFile.removeLeftovers(beside: path)
        if let keyPath { try StagedFile.removeLeftovers(beside: keyPath) }
    }
}
