import CertKit
import HAProxyKit

/// How HAProxy gets a new bundle, as the stations stand.
struct Route: Sendable {
    enum Kind: Sendable {
        /// Through the Runtime API of every socket that answers.
        case live
        /// From the disk, by a reload.
        case reload(ReloadReason)
        /// HAProxy is not running: its next start loads the file.
        case down
        /// No HAProxy is configured here.
        case diskOnly
    }

    let kind: Kind
    /// Sockets where nothing listens, while others answer.
    let skipped: [String]

    /// Chooses the way for `candidate`.
    ///
    /// - Throws: any trouble with a socket but being down, and what only a reload could mend where there shall be none, or
    ///   where it would not help; nothing has been changed then.
    init(_ look: Observation, for candidate: Candidate, by observer: Observer) throws {
        let down = look.memory.filter(\.isDown)
        let up = look.memory.filter { !$0.isDown }
        var obstacle: (any Diagnosis)?
        for station in up {
            let found = try station.obstacle(to: candidate, by: observer)
            obstacle = obstacle ?? found
        }
        if look.memory.isEmpty {
            (kind, skipped) = (.diskOnly, [])
        } else if up.isEmpty {
            if let open = look.wire.first(where: \.accepts), let socket = down.first?.socket {
                throw DeploymentError.socketDownButServing(socket: socket, address: open.address.description)
            }
            (kind, skipped) = (.down, [])
        } else {
            kind = try Route.kind(obstacle, policy: observer.settings.haproxy.reload.policy)
            skipped = down.map(\.socket)
        }
    }

    private static func kind(_ obstacle: (any Diagnosis)?, policy: ReloadPolicy) throws(ReloadError) -> Kind {
        switch (obstacle, policy) {
        case (let obstacle?, .never): throw .unwanted(cause: obstacle)
        case (let obstacle?, _): .reload(.needed(obstacle))
        case (nil, .always): .reload(.always)
        case (nil, _): .live
        }
    }
}

/// Why HAProxy is reloaded for a bundle.
enum ReloadReason: Sendable, CustomStringConvertible {
    /// It cannot take the bundle while it runs.
    case needed(any Diagnosis)
    /// The configuration wants it for every bundle.
    case always

    var description: String {
        switch self {
        case .needed(let cause): cause.description
        case .always: "[haproxy] reload = \"always\""
        }
    }
}

extension Observation.MemoryStation {
    /// What keeps a HAProxy that answers from taking `candidate` while it runs, though a reload would make it load it.
    fileprivate func obstacle(to candidate: Candidate, by observer: Observer) throws -> (any Diagnosis)? {
        switch loaded {
        case .failure(let error):
            guard error.isForAge else { throw error }
            return error
        case .success(nil) where list == nil:
            let unknown = DeploymentError.nameUnknown(name: name, socket: socket)
            // Where HAProxy's configuration does not name it either, it would be as unknown after a reload.
            if let configuration = observer.configuration, configuration.listeners(loading: name).isEmpty {
                throw unknown
            }
            return unknown
        case .success:
            guard !holds(candidate.bundle) else { return nil }
            return try process?.obstacle(
                to: candidate.rendered, named: name, bufferSize: observer.configuration?.bufferSize)
        }
    }
}

extension RuntimeError {
    /// Whether HAProxy is too old to change certificates, or to tell of them, while it runs.
    var isForAge: Bool { if case .tooOld = self { true } else { false } }
}
