import CertKit
import Glibc
import SystemPackage

/// What stood at a bundle's path, kept beside it as `.NAME.certd-old` until it is known whether the new one works.
///
/// HAProxy passes over names that begin with a dot.
struct KeptBundle: Sendable {
    let file: BundleFile
    let path: FilePath

    init(of file: BundleFile) {
        self.file = file
        let name = file.path.lastComponent?.string ?? ""
        path = file.path.removingLastComponent().appending(".\(name).certd-old")
    }

    /// Whether a run that was killed has left one.
    var exists: Bool { unsafe access(path.string, F_OK) == 0 }

    /// Keeps what stands there now, 0600; false where nothing does.
    func keep() throws -> Bool {
        let contents: FileContents
        do throws(FileError) {
            contents = try readFile(at: file.path)
        } catch {
            guard error.isMissing else { throw error }
            return false
        }
        // The file itself, so that a return leaves no trace; but others may read what somebody else has put together.
        let isPrivate = contents.identity.permissions.isSubset(of: .ownerReadWrite)
        if isPrivate, file.keyPath == nil, unsafe link(file.path.string, path.string) == 0 { return true }
        var copy = BundleFile(path: path, place: nil, trusting: file.trusted)
        (copy.owner, copy.group) = (file.owner, file.group)
        // Of two files both in one, which works by itself.
        let bytes = file.keyPath == nil ? contents.bytes : try file.contents().joined
        try copy.put(BundleBytes(main: bytes))
        return true
    }

    /// Puts back what was kept, which needs no room on the disk; where nothing stood, takes the new one away.
    func putBack(_ wasKept: Bool) throws(WriteError) {
        guard wasKept else { return try file.remove() }
        guard unsafe rename(path.string, file.path.string) == 0 else {
            throw .failed(.rename, path: file.path, Errno(rawValue: errno))
        }
        // Two names of one file stay two: the new one never came.
        try letGo()
        file.sync()
        file.splitAgain()
    }

    /// Removes what was kept: the new one works.
    func letGo() throws(WriteError) {
        guard unsafe unlink(path.string) != 0, errno != ENOENT else { return }
        throw .failed(.rename, path: path, Errno(rawValue: errno))
    }
}

extension KeptBundle {
    /// Ends what a killed run left behind: where HAProxy serves the bundle on disk, what was kept goes; else it comes back,
    /// so that disk and memory are equal again, unless HAProxy would start with the new one only.
    ///
    /// Gives whether the bundle on disk is another one now.
    func settle(on stations: [Observation.MemoryStation], judge: () async -> StartVerdict) async throws -> Bool {
        guard exists else { return false }
        let new = try? InstalledBundle.read(at: file.path, keyAt: file.keyPath)
        let up = stations.filter { !$0.isDown }
        if let leaf = new?.leaf, !up.isEmpty, up.allSatisfy({ $0.certificate?.isLeaf(leaf) == true }) {
            try letGo()
            return false
        }
        let before = await judge()
        try putBack(true)
        if let new, !before.isBad, await judge().isBad {
            try file.put(new.bytes)
            return false
        }
        return true
    }
}

extension BundleFile {
    /// Gives the key its own file again, as well as may be: the bundle that came back works with both in one too.
    fileprivate func splitAgain() {
        guard keyPath != nil, let whole = try? InstalledBundle.read(at: path), let leaf = whole.leaf,
            let key = whole.soleKey,
            let bundle = try? Bundle(lineage: path.string, leaf: leaf, chain: whole.chain, key: key)
        else { return }
        try? put(bytes(of: bundle))
    }

    /// Makes a rename durable, as well as may be: after a power loss HAProxy starts with whichever file stands there.
    fileprivate func sync() {
        let directory = unsafe open(path.removingLastComponent().string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return }
        fsync(directory)
        close(directory)
    }
}
