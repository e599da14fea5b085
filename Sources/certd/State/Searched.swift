import CertKit
import Synchronization
import SystemPackage

/// The places that were searched for what killed runs have left: whoever is killed later is not this process.
final class Searched: Sendable {
    private let places = Mutex<Set<FilePath>>([])

    /// Does `search` unless it was done for `place`.
    func once(_ place: FilePath, _ search: () throws(WriteError) -> Void) throws(WriteError) {
        try places.withLock { places throws(WriteError) in
            guard !places.contains(place) else { return }
            try search()
            places.insert(place)
        }
    }
}
