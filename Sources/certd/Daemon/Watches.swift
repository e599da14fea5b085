import CertKit
import SystemPackage

/// A directory that is watched; a lineage's is not kept as a path, because there may be 10,000.
enum WatchedPlace: Hashable, Sendable {
    case directory(FilePath)
    case lineage(Lineage)

    var path: FilePath {
        switch self {
        case .directory(let path): path
        case .lineage(let lineage): lineage.directory
        }
    }
}

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
    private var places: [CInt: WatchedPlace] = [:]
    private var watches: [WatchedPlace: CInt] = [:]

    init(_ source: Result<Source, Errno>) {
        switch source {
        case .success(let source): self.source = source
        case .failure(let error):
            self.source = nil
            obstacle = .system(error)
        }
    }

    /// The directory that an event is about.
    func place(of event: WatchEvent) -> WatchedPlace? { places[event.watch] }

    /// Watches exactly `common` and, as long as the limit allows it for all of them, `lineages`; whether these hold one is to
    /// be told at once. The directory of a lineage that is a common one too is watched as that.
    ///
    /// Directories that are not there now are left out; the next look tries them again.
    mutating func update(common: Set<FilePath>, lineages: some Collection<Lineage>) {
        for place in watches.keys {
            switch place {
            case .directory(let path) where common.contains(path): continue
            case .lineage(let lineage) where lineages.contains(lineage): continue
            default: end(place)
            }
        }
        watch(common)
        guard obstacle == nil else { return }
        for lineage in lineages where watches[.lineage(lineage)] == nil && !common.contains(lineage.directory) {
            begin(.lineage(lineage))
            guard obstacle != nil else { continue }
            // Some lineages watched and others not would be hard to understand, and other programs need watches too.
            for lineage in lineages { end(.lineage(lineage)) }
            watch(common)
            return
        }
    }

    /// Takes `lineages` for those of the same names: where they were found together they share memory.
    mutating func adopt(_ lineages: some Collection<Lineage>) {
        for lineage in lineages {
            guard let watch = watches.removeValue(forKey: .lineage(lineage)) else { continue }
            watches[.lineage(lineage)] = watch
            places[watch] = .lineage(lineage)
        }
    }

    private mutating func watch(_ common: Set<FilePath>) {
        for path in common.sorted(by: { $0.string < $1.string }) where watches[.directory(path)] == nil {
            begin(.directory(path))
        }
    }

    /// Watches what stands at `place` now, if that was watched: it may be another directory.
    mutating func renew(_ place: WatchedPlace) {
        guard let old = watches[place] else { return }
        forget(old)
        begin(place)
        if watches[place] != old { source?.end(old) }
    }

    /// Forgets what stood in the way, since it may be gone.
    mutating func tryAgain() { if source != nil { obstacle = nil } }

    /// Takes note of the end of a watch.
    mutating func forget(_ watch: CInt) {
        guard let place = places.removeValue(forKey: watch), watches[place] == watch else { return }
        watches[place] = nil
    }

    private mutating func begin(_ place: WatchedPlace) {
        guard let source else { return }
        do throws(Errno) {
            let watch = try source.watch(place.path)
            if let other = places.updateValue(place, forKey: watch) { watches[other] = nil }
            watches[place] = watch
        } catch {
            switch error {
            case .noSpace: obstacle = .limit
            case .noSuchFileOrDirectory, .notDirectory, .permissionDenied, .tooManySymbolicLinkLevels: break
            default: obstacle = .system(error)
            }
        }
    }

    private mutating func end(_ place: WatchedPlace) {
        guard let watch = watches[place] else { return }
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
