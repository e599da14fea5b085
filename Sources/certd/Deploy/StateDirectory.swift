import CertKit
import FoundationEssentials
import Glibc
import SystemPackage

/// The little that looking at the stations cannot tell: who opened a transaction, and what failed last.
///
/// Holds no key. Everything in it may be deleted: at worst a failure is forgotten until the next look. Whoever owns it is
/// the user that the daemon runs as; what root makes there is given to that user, so that neither locks the other out, and
/// a symbolic link that this user put there leads root nowhere.
struct StateDirectory: Sendable {
    let path: FilePath

    /// The user that certd runs as when it is not root: the owner of the directory.
    var users: Set<UInt32> { (try? Stat(path)).map { [$0.userID.rawValue] } ?? [] }

    /// A transaction that certd is about to open, noted first so that one left behind by a crash is known as ours.
    struct Intent: Codable, Equatable, Sendable {
        let socket: String
        let name: String
        /// SHA-256 of the leaf that is put there.
        let sha256: String
        /// A transaction lives in HAProxy's memory: it survives neither that process nor the host's boot.
        let bootID: String
        let haproxyProcessID: Int?
        let processID: Int32
    }

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
    }

    /// Takes the lock that every deployment on this host holds; a crash frees it.
    ///
    /// - Throws: an error that says who holds it when it is not had within `limit`.
    func lock(within limit: Duration) async throws -> FileLock {
        try make(path)
        return try await FileLock.acquire(at: path.appending("lock"), within: limit, on: ContinuousClock())
    }

    /// The intents that no deployment has taken back.
    func intents() -> [Intent] { stored([Intent].self, at: intentsPath) ?? [] }

    /// Notes `intent` before its transaction is opened.
    func note(_ intent: Intent) throws {
        try store(intents().filter { $0.socket != intent.socket } + [intent], at: intentsPath)
    }

    /// Forgets the intent for `socket`, whose transaction is closed.
    func forgetIntent(for socket: String) throws {
        let known = intents()
        let left = known.filter { $0.socket != socket }
        guard left != known else { return }
        try store(left, at: intentsPath)
    }

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

    /// Remembers a deployment.
    func record(_ deployment: LastDeployment, of lineage: Lineage) throws {
        try store(deployment, at: deploymentPath(of: lineage), in: path.appending("deployments"))
    }

    /// Forgets the failure of `lineage` after a success.
    func forgetFailure(of lineage: Lineage) throws {
        let path = failurePath(of: lineage)
        do throws(FileError) {
            guard let name = path.lastComponent, (try? path.stat(followTargetSymlink: false)) != nil else { return }
            try DirectoryHandle(guarding: path.removingLastComponent()).remove(FilePath(root: nil, [name]))
        } catch {
            guard !error.isMissing else { return }
            throw StateError.notForgotten(path, error)
        }
    }

    private var intentsPath: FilePath { path.appending("intents.json") }

    private func failurePath(of lineage: Lineage) -> FilePath {
        path.appending("failures").appending(file(of: lineage))
    }

    private func deploymentPath(of lineage: Lineage) -> FilePath {
        path.appending("deployments").appending(file(of: lineage))
    }

    /// A lineage of another directory may have the same name as one of certbot's, and its name holds slashes.
    private func file(of lineage: Lineage) -> String {
        let digest = hexadecimal(Digest.sha256(Array(lineage.directory.string.utf8).span).prefix(4))
        return "\(lineage.directory.lastComponent?.string ?? "")-\(digest).json"
    }

    /// What the kernel calls this boot; empty where /proc is not mounted.
    static func currentBootID() -> String {
        readKernelFile(at: "/proc/sys/kernel/random/boot_id")?.filter { !$0.isNewline } ?? ""
    }

    /// Makes a directory, and says whether it was missing.
    @discardableResult
    private func make(_ directory: FilePath) throws -> Bool {
        guard unsafe mkdir(directory.string, 0o755) != 0 else { return true }
        guard errno == EEXIST else { throw StateError.notCreated(directory, Errno(rawValue: errno)) }
        return false
    }

    /// Has what root made belong to the user of the state directory.
    private func giveToOwner(_ directory: FilePath) throws {
        guard geteuid() == 0 else { return }
        let owner = try Stat(path)
        try DirectoryHandle(guarding: directory).give(to: owner.userID.rawValue, owner.groupID.rawValue)
    }

    /// What cannot be read or understood is as good as forgotten; the next look at the stations finds the rest.
    private func stored<Value: Decodable>(_ type: Value.Type, at path: FilePath) -> Value? {
        guard let contents = try? readFile(at: path, followingLinks: false) else { return nil }
        return try? JSONDecoder().decode(type, from: contents.bytes.withSpan { Data(copying: $0) })
    }

    /// Makes the `directory` of the file, if need be.
    private func store(_ value: some Encodable, at path: FilePath, in directory: FilePath) throws {
        if try make(directory) { try giveToOwner(directory) }
        try store(value, at: path)
    }

    private func store(_ value: some Encodable, at path: FilePath) throws {
        // Each run that was killed while it wrote here would leave one more.
        try StagedFile.removeLeftovers(beside: path)
        let text = try JSONEncoder().encode(value)
        try StagedFile(replacing: path, with: SecretBytes(copying: text.span), trusting: users).install()
    }
}

/// Why the state directory cannot be used.
enum StateError: Diagnosis {
    /// It does not exist and cannot be made.
    case notCreated(FilePath, Errno)
    /// The failure of an earlier deployment cannot be forgotten, though this one succeeded.
    case notForgotten(FilePath, FileError)

    var description: String {
        switch self {
        case .notCreated(let path, let reason): "\(path): the state directory cannot be made: \(reason)"
        case .notForgotten(let path, let reason):
            "\(path): the lineage is deployed, but its earlier failure cannot be forgotten: \(reason)"
        }
    }
    var remedy: String {
        switch self {
        case .notCreated(let path, _):
            "make it as the user that runs certd: mkdir -p \(path); or name another with [paths] state in certd.toml"
        case .notForgotten(let path, _): "remove it: rm \(path)"
        }
    }
    var findingID: FindingID { .deployFailed }
}

extension Data {
    fileprivate init(copying span: Span<UInt8>) {
        self = unsafe span.withUnsafeBytes { unsafe Data($0) }
    }
}
