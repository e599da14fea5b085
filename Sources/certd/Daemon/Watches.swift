import SystemPackage

/// Which directories are watched, as far as the system lets us: the looks work without any of it, only later.
struct Watches {
    /// Why there is no watch on each lineage.
    enum Obstacle: Equatable, Sendable {
        /// The user's limit of watches is reached.
        case limit
        /// The system gives no inotify instance, or refuses watches altogether.
        case system(Errno)
    }

    /// What is watched through, where there is anything; passed in so that a test can refuse.
    struct Source: Sendable {
        var watch: @Sendable (FilePath) throws(Errno) -> CInt
        var end: @Sendable (CInt) -> Void
    }

    private(set) var obstacle: Obstacle?
    private let source: Source?
    private var paths: [CInt: FilePath] = [:]
    private var watches: [FilePath: CInt] = [:]

    init(_ source: Result<Source, Errno>) {
        switch source {
        case .success(let source): self.source = source
        case .failure(let error):
            self.source = nil
            obstacle = .system(error)
        }
    }

    /// The directory that an event is about.
    func path(of event: WatchEvent) -> FilePath? { paths[event.watch] }

    /// Watches exactly `common` and, as long as the limit allows it for all of them, `lineages`.
    ///
    /// Directories that are not there now are left out; the next look tries them again.
    mutating func update(common: Set<FilePath>, lineages: Set<FilePath>) {
        for path in watches.keys where !common.contains(path) && !lineages.contains(path) { end(path) }
        for path in common.sorted(by: { $0.string < $1.string }) where watches[path] == nil { begin(path) }
        guard obstacle == nil else { return }
        for path in lineages where watches[path] == nil {
            begin(path)
            guard obstacle != nil else { continue }
            // Some lineages watched and others not would be hard to understand, and other programs need watches too.
            for path in lineages.subtracting(common) { end(path) }
            for path in common where watches[path] == nil { begin(path) }
            return
        }
    }

    /// Watches what stands at `path` now, if the path was watched: it may be another directory.
    mutating func renew(_ path: FilePath) {
        guard let old = watches[path] else { return }
        forget(old)
        begin(path)
        if watches[path] != old { source?.end(old) }
    }

    /// Forgets what stood in the way, since it may be gone.
    mutating func tryAgain() { if source != nil { obstacle = nil } }

    /// Takes note of the end of a watch.
    mutating func forget(_ watch: CInt) {
        guard let path = paths.removeValue(forKey: watch), watches[path] == watch else { return }
        watches[path] = nil
    }

    private mutating func begin(_ path: FilePath) {
        guard let source else { return }
        do throws(Errno) {
            let watch = try source.watch(path)
            if let other = paths.updateValue(path, forKey: watch) { watches[other] = nil }
            watches[path] = watch
        } catch {
            switch error {
            case .noSpace: obstacle = .limit
            case .noSuchFileOrDirectory, .notDirectory, .permissionDenied, .tooManySymbolicLinkLevels: break
            default: obstacle = .system(error)
            }
        }
    }

    private mutating func end(_ path: FilePath) {
        guard let watch = watches[path] else { return }
        forget(watch)
        source?.end(watch)
    }
}

extension Watches.Obstacle: CustomStringConvertible {
    var description: String {
        switch self {
        case .limit: "the limit of inotify watches is reached (fs.inotify.max_user_watches)"
        case .system(let error): "inotify does not work here: \(error)"
        }
    }
}

extension Watches.Source {
    /// The kernel's.
    static func inotify(_ handler: @escaping Inotify.Handler) -> Result<Watches.Source, Errno> {
        Result { () throws(Errno) in
            let inotify = try Inotify(handler)
            return Watches.Source(
                watch: { path throws(Errno) in try inotify.watch(path) }, end: { inotify.end($0) })
        }
    }
}
