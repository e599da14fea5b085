import CertKit
import Synchronization
import SystemPackage

/// Directories in which runs that were killed have left nothing, each as it was when that was found out.
///
/// To look for such files takes as long as a directory has names, and a daemon that renews one of 10,000 bundles would go
/// through all of them each time. No name is made or removed without a change of the directory's own times; only what
/// happens within one tick of the file system's clock after it was noted is left for the daemon's next look at everything.
final class TidyDirectories: Sendable {
    private let known = Mutex<[FilePath: Stamp]>([:])

    /// Whether no name was made or removed in `directory` since it was noted.
    func holds(_ directory: FilePath) -> Bool {
        known.withLock { known in known[directory] == Stamp(of: directory) }
    }

    /// Takes note that nothing is left in `directory`: under the lock, and after the last name that the run makes.
    func note(_ directory: FilePath) {
        known.withLock { known in known[directory] = Stamp(of: directory) }
    }

    /// Has a directory searched again in any case.
    func forget(_ directory: FilePath) {
        known.withLock { known in known[directory] = nil }
    }
}

extension Inventory {
    /// Removes what runs that were killed have left in `directories`, for all bundles that belong there; only under the lock,
    /// and once a run, whose own files are in them afterwards.
    ///
    /// - Throws: ``WriteError`` where one of them cannot be read.
    func tidyUp(_ directories: Set<FilePath>) throws(WriteError) {
        for directory in directories {
            try ledger.tidied.once(directory) { () throws(WriteError) in
                guard !tidy.holds(directory) else { return }
                // There may be thousands of names, and as a rule nothing is left of any.
                var known: Set<String>?
                try StagedFile.removeLeftovers(in: directory) { name in
                    let names = known ?? names(of: directory)
                    known = names
                    return names.contains(name)
                }
            }
        }
    }

    /// The names in `directory` that are bundles', or of what is kept of them.
    private func names(of directory: FilePath) -> Set<String> {
        let users = state.users
        var names: Set<String> = []
        for place in lineages.compactMap({ place(of: $0) }) {
            let file = BundleFile(path: place.path, place: place, trusting: users)
            for path in [file.path, file.keyPath, KeptBundle(of: file).path] {
                guard let path, path.removingLastComponent() == directory else { continue }
                if let name = path.lastComponent?.string { names.insert(name) }
            }
        }
        return names
    }
}
