import CertKit
import Glibc
import SystemPackage

/// The file that a bundle is written to, with the owner that the configuration wants.
struct BundleFile: Sendable {
    let path: FilePath
    var owner: String?
    var group: String?

    /// The file of a configured place, or at another path with that place's owner.
    init(path: FilePath, place: BundlePlace?) {
        self.path = path
        owner = place?.owner
        group = place?.group
    }

    /// Writes `bytes` beside the file, synced, ready to take its place.
    func stage(_ bytes: SecretBytes) throws(WriteError) -> StagedFile {
        var user: UInt32?
        if let owner { user = try userID(named: owner) }
        var members: UInt32?
        if let group { members = try groupID(named: group) }
        return try StagedFile(replacing: path, with: bytes, owner: user, group: members)
    }

    /// Puts `bytes` there, to tidy up after a failure.
    ///
    /// That the directory could not be synced is no reason to stop: after a power loss HAProxy starts with whichever file
    /// stands there, so memory and disk are equal in any case.
    func put(_ bytes: SecretBytes) throws(WriteError) {
        let staged = try stage(bytes)
        do throws(WriteError) {
            _ = try staged.install()
        } catch .notDurable {}
    }

    /// Takes the file away again, to tidy up after a failure.
    func remove() throws(WriteError) {
        guard unsafe unlink(path.string) != 0, errno != ENOENT else { return }
        throw .failed(.rename, path: path, Errno(rawValue: errno))
    }

    /// Moves the new bundle into place, and reports a symlink that stood there.
    func install(_ staged: consuming StagedFile) throws(WriteError) -> [Finding] {
        guard try staged.install() == .symbolicLink else { return [] }
        return [
            Finding(
                .bundleWasSymlink, "a symlink stood at the bundle's path and was replaced by a file",
                remedy: "look with ls -l \(path.removingLastComponent()) for what it pointed to and who reads that",
                location: path.string)
        ]
    }
}
