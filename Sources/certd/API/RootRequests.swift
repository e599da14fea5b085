import CertKit
import SystemPackage

/// What the daemon, which writes only directories of its own user, asks root to deploy: a file for each lineage in
/// `requests` in the runtime directory, with the lineage's name in it.
///
/// systemd's `certd-deploy.path` starts `certd deploy --requested` when there is one. It is removed when root is done with
/// it, whatever came of that, so that none is taken twice.
struct RootRequests: Sendable {
    /// A request is a name.
    private static let sizeLimit = 4096

    let directory: FilePath

    init(_ settings: Settings) { directory = settings.runtime.appending("requests") }

    /// The file for `lineage`.
    func path(for lineage: Lineage) -> FilePath {
        directory.appending(hexadecimal(Digest.sha256(Array(lineage.directory.string.utf8).span).prefix(8)))
    }

    /// Asks for `lineage`.
    func leave(_ lineage: Lineage) throws {
        let name = SecretBytes(copying: Array("\(lineage.name)\n".utf8).span)
        try StagedFile(replacing: path(for: lineage), with: name).install()
    }

    /// Whether root has not been done with the request for `lineage`.
    func isPending(_ lineage: Lineage) -> Bool { (try? path(for: lineage).stat(followTargetSymlink: false)) != nil }

    /// Takes the request for `lineage` back.
    func takeBack(_ lineage: Lineage) {
        guard let name = path(for: lineage).lastComponent else { return }
        try? DirectoryHandle(guarding: directory).remove(FilePath(root: nil, [name]))
    }

    /// A request as root finds it: anything can be in it.
    struct Found {
        let name: FilePath
        /// The lineage that it names, if it is one that this host has.
        let lineage: Result<Lineage, any Error>
    }

    /// What is asked for now; nothing where nobody has ever asked.
    func found(by inventory: Inventory) throws -> [Found] {
        let names: [String]
        do throws(FileError) {
            names = try DirectoryHandle(guarding: directory).names()
        } catch {
            guard error.isMissing else { throw error }
            return []
        }
        // A name with a dot in front is being written.
        return names.filter { !$0.hasPrefix(".") }.map { name in
            let name = FilePath(name)
            return Found(name: name, lineage: Result { try lineage(asked: name, inventory) })
        }
    }

    /// Removes a request that root is done with.
    func remove(_ found: Found) throws { try DirectoryHandle(guarding: directory).remove(found.name) }

    private func lineage(
        asked name: FilePath, _ inventory: Inventory
    ) throws -> Lineage {
        let contents = try DirectoryHandle(guarding: directory).readFile(
            named: name, limit: RootRequests.sizeLimit, followingLinks: false)
        let text = contents.bytes.withSpan { bytes in String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self) }
        let operand = text.hasSuffix("\n") ? String(text.dropLast()) : text
        let lineage = try inventory.settings.lineage(for: operand, among: inventory.lineages)
        // An operator may name any directory; a request may not.
        guard inventory.lineages.contains(lineage) else { throw RootRequestError.unknown(operand) }
        return lineage
    }
}

extension RootRequests {
    /// Deploys what is asked for; root does this.
    ///
    /// - Returns: Whether all of it is deployed.
    func carryOut(by inventory: Inventory) async throws -> Bool {
        let found = try found(by: inventory)
        var asked: [Lineage: Found] = [:]
        var isAllWell = true
        for request in found {
            switch request.lineage {
            case .success(let lineage): asked[lineage] = request
            case .failure(let error):
                isAllWell = false
                ErrorReport(error)?.tell()
            }
        }
        defer { for request in found { try? remove(request) } }
        let lineages = inventory.lineages.filter { asked[$0] != nil }
        let run = DeploymentRun(inventory: inventory)
        let isDone = try await run.run(lineages) { result in
            for line in DeploymentLines.lines(of: result) { line.print() }
            if let request = asked[result.lineage] { try? remove(request) }
        }
        return isDone && isAllWell
    }
}

/// Why root did not do what the daemon asked for.
enum RootRequestError: Diagnosis, Equatable {
    /// The text names nothing that this host has.
    case unknown(String)
    /// Nobody was done with it in time.
    case notTaken(lineage: String, directory: FilePath, limit: Duration)
    /// It was taken, but the stations do not show it.
    case notDone(lineage: String, why: String?)
    /// It cannot be left.
    case notLeft(lineage: String, directory: FilePath)

    var description: String {
        switch self {
        case .unknown(let text): "the request names no lineage of this host: \(text.printable)"
        case .notTaken(let lineage, let directory, let limit):
            "\(lineage): only root may write its bundle, and has not taken the request in \(directory) within "
                + "\(limit.components.seconds) s"
        case .notDone(let lineage, let why?): "\(lineage): root could not deploy it: \(why.about(lineage))"
        case .notDone(let lineage, nil): "\(lineage): root took the request, but the lineage is still out of step"
        case .notLeft(let lineage, let directory):
            "\(lineage): only root may write its bundle, and the daemon cannot ask for it in \(directory)"
        }
    }
    var remedy: String {
        switch self {
        case .unknown: "see which there are: certd check; the request is gone"
        case .notTaken(let lineage, _, _):
            "have systemd watch for requests: systemctl enable --now certd-deploy.path; or now, as root: certd deploy \(lineage)"
        case .notDone(let lineage, _): "see why: journalctl -u certd-deploy; or, as root: certd deploy \(lineage)"
        case .notLeft(_, let directory): "have it belong to the user that runs the daemon: ls -ld \(directory)"
        }
    }
    var findingID: FindingID { .deployFailed }
}
