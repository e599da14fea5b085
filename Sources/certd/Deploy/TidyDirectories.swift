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

    /// Whether no name was made or removed in any of `directories` since they were noted.
    func holds(_ directories: Set<FilePath>) -> Bool {
        known.withLock { known in directories.allSatisfy { known[$0] == Stamp(of: $0) } }
    }

    /// Takes note that nothing is left in `directories`: under the lock, and after the last name that the caller makes.
    func note(_ directories: Set<FilePath>) {
        known.withLock { known in
            for directory in directories { known[directory] = Stamp(of: directory) }
        }
    }

    /// Has a directory searched again in any case.
    func forget(_ directory: FilePath) {
        known.withLock { known in known[directory] = nil }
    }
}

extension Inventory {
    /// Removes what runs that were killed have left in `directories`, for all bundles that belong there; only under the lock.
    ///
    /// - Throws: ``WriteError`` where one of them cannot be read.
    func tidyUp(_ directories: Set<FilePath>) throws(WriteError) {
        guard !tidy.holds(directories) else { return }
        let files = bundleFiles
        for directory in directories {
            var names: Set<String> = []
            for file in files {
                for path in [file.path, file.keyPath, KeptBundle(of: file).path] {
                    guard let path, path.removingLastComponent() == directory else { continue }
                    if let name = path.lastComponent?.string { names.insert(name) }
                }
            }
            try StagedFile.removeLeftovers(of: names, in: directory)
        }
        tidy.note(directories)
    }

    private var bundleFiles: [BundleFile] {
        lineages.compactMap { place(of: $0) }.map { BundleFile(path: $0.path, place: $0, trusting: state.users) }
    }
}
