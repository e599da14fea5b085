import CertKit
import FoundationEssentials
import SystemPackage

extension StateDirectory {
    /// What a rollback holds a lineage at, until told otherwise.
    struct Pin: Codable, Equatable, Sendable {
        let lineage: String
        /// certbot's number.
        let generation: Int
        let at: Date
        /// Whether the guards are lifted whenever the stations are brought back to it.
        let isForced: Bool
    }

    /// What `lineage` is held at; nil where it follows certbot.
    ///
    /// - Throws: ``StateError/pinUnreadable(_:lineage:_:)``: a pin that cannot be understood is none to be forgotten, since
    ///   somebody went back for a reason.
    func pin(of lineage: Lineage) throws(StateError) -> Pin? {
        let path = pinPath(of: lineage)
        do throws(FileError) {
            guard let contents = try readFileUnlessMissing(at: path, followingLinks: false) else { return nil }
            if let pin = try? JSONDecoder().decode(Pin.self, from: contents.bytes.withSpan { Data(copying: $0) }) {
                return pin
            }
        } catch {
            throw .pinUnreadable(path, lineage: lineage.name, error)
        }
        throw .pinUnreadable(path, lineage: lineage.name, nil)
    }

    /// Holds `lineage` at a generation; under the lock.
    func record(_ pin: Pin, of lineage: Lineage) throws {
        try store(pin, at: pinPath(of: lineage), in: path.appending("pins"))
    }

    /// Has `lineage` follow certbot again; under the lock.
    func removePin(of lineage: Lineage) throws(FileError) { try remove(pinPath(of: lineage)) }

    private func pinPath(of lineage: Lineage) -> FilePath {
        path.appending("pins").appending(file(of: lineage))
    }
}

extension StateDirectory.Pin {
    /// That the lineage is held, for `check` and whoever deploys; `newest` is what certbot has it stand at, where that can be
    /// told.
    func finding(newest: Int?) -> Finding {
        let rest =
            newest.flatMap { $0 == generation ? nil : "the lineage stands at \($0), which is not deployed" }
            ?? "nothing newer is deployed"
        return Finding(
            .pinned, "a rollback holds it at generation \(generation) since \(at.utc); \(rest)",
            remedy: "to follow certbot again: certd rollback --unpin \(lineage)")
    }
}
