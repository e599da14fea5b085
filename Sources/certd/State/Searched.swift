import CertKit
import Synchronization
import SystemPackage

/// The places that were searched for what killed runs have left: what is there afterwards is this process's own.
final class Searched: Sendable {
    private let known = Mutex<Set<FilePath>>([])

    /// Those places.
    var places: Set<FilePath> { known.withLock { $0 } }

    /// Does `search` unless it was done for `place`; whoever comes meanwhile waits.
    func once(_ place: FilePath, _ search: () throws(WriteError) -> Void) throws(WriteError) {
        try known.withLock { known throws(WriteError) in
            guard !known.contains(place) else { return }
            try search()
            known.insert(place)
        }
    }
}
