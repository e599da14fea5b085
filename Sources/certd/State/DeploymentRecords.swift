import CertKit
import FoundationEssentials
import SystemPackage

extension StateDirectory {
    /// How the last deployment of a lineage failed.
    struct Failure: Codable, Equatable, Sendable {
        let lineage: String
        let at: Date
        let message: String
        let remedy: String
    }

    /// When a lineage was last brought onto the wire.
    struct LastDeployment: Codable, Equatable, Sendable {
        let lineage: String
        let at: Date
        /// SHA-256 of the leaf.
        let sha256: String
        /// How long it took.
        let seconds: Double
        /// Where its bundle was put.
        var bundle: String?
    }
}

extension StateDirectory {
    /// The failure of the last deployment of `lineage`, unless one succeeded since.
    func failure(of lineage: Lineage) -> Failure? { stored(Failure.self, at: failurePath(of: lineage)) }

    /// Remembers a failure.
    func record(_ failure: Failure, of lineage: Lineage) throws {
        try store(failure, at: failurePath(of: lineage), in: path.appending("failures"))
    }

    /// The last deployment of `lineage` that changed something; nil where none is known.
    func lastDeployment(of lineage: Lineage) -> LastDeployment? {
        stored(LastDeployment.self, at: deploymentPath(of: lineage))
    }

    /// Whether any deployment is on record.
    var hasDeployments: Bool {
        (try? DirectoryHandle(opening: path.appending("deployments")).names())?.isEmpty == false
    }

    /// The last deployments of all lineages but `known`, of which there may be thousands; names are those of lineages below
    /// `letsencrypt`.
    func deployments(
        except known: some Collection<Lineage>, below letsencrypt: FilePath
    ) -> [(lineage: Lineage, record: LastDeployment)] {
        let directory = path.appending("deployments")
        let names = Set((try? DirectoryHandle(opening: directory).names()) ?? [])
        guard !names.isEmpty else { return [] }
        return names.subtracting(known.map(file(of:))).compactMap { name in
            guard let record = stored(LastDeployment.self, at: directory.appending(name)),
                let lineage = try? Lineage(record.lineage, below: letsencrypt), file(of: lineage) == name
            else { return nil }
            return (lineage, record)
        }
    }

    /// Forgets `lineage` altogether; the history stays.
    func forget(_ lineage: Lineage) throws {
        try forgetFailure(of: lineage)
        try removePin(of: lineage)
        try remove(deploymentPath(of: lineage))
    }

    /// Remembers a deployment.
    func record(_ deployment: LastDeployment, of lineage: Lineage) throws {
        try store(deployment, at: deploymentPath(of: lineage), in: path.appending("deployments"))
    }

    /// Forgets the failure of `lineage` after a success.
    func forgetFailure(of lineage: Lineage) throws {
        let path = failurePath(of: lineage)
        do throws(FileError) {
            try remove(path)
        } catch {
            throw StateError.notForgotten(path, error)
        }
    }

    private func failurePath(of lineage: Lineage) -> FilePath {
        path.appending("failures").appending(file(of: lineage))
    }

    private func deploymentPath(of lineage: Lineage) -> FilePath {
        path.appending("deployments").appending(file(of: lineage))
    }
}
