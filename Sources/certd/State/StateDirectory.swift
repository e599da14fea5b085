import CertKit
import FoundationEssentials
import Glibc
import SystemPackage

/// The little that looking at the stations cannot tell: who opened a transaction, what was deployed when, what failed
/// last, and what is pinned.
///
/// Holds no key. Everything in it may be deleted: a failure is then forgotten until the next look, and a pinned lineage
/// follows certbot again. Whoever owns it is the user that the daemon runs as; what root makes there is given to that user,
/// so that neither locks the other out, and a symbolic link that this user put there leads root nowhere.
struct StateDirectory: Sendable {
    let path: FilePath
    /// Where nothing is left of runs that were killed.
    private let searched = Searched()

    init(path: FilePath) { self.path = path }

    /// The user that certd runs as when it is not root: the owner of the directory.
    var users: Set<UInt32> { (try? Stat(path)).map { [$0.userID.rawValue] } ?? [] }

    /// Takes the lock that every deployment on this host holds; a crash frees it.
    ///
    /// - Throws: an error that says who holds it when it is not had within `limit`.
    func lock(within limit: Duration) async throws -> FileLock {
        try make(path)
        return try await FileLock.acquire(at: path.appending("lock"), within: limit, on: ContinuousClock())
    }

    /// A lineage of another directory may have the same name as one of certbot's, and its name holds slashes.
    func file(of lineage: Lineage) -> String {
        let digest = hexadecimal(Digest.sha256(Array(lineage.directory.string.utf8).span).prefix(4))
        return "\(lineage.directory.lastComponent?.string ?? "")-\(digest).json"
    }

    /// What the kernel calls this boot; empty where /proc is not mounted.
    static let currentBootID = readKernelFile(at: "/proc/sys/kernel/random/boot_id")?.filter { !$0.isNewline } ?? ""

    /// Makes a directory, and says whether it was missing.
    @discardableResult
    func make(_ directory: FilePath) throws -> Bool {
        guard unsafe mkdir(directory.string, 0o755) != 0 else { return true }
        guard errno == EEXIST else { throw StateError.notCreated(directory, Errno(rawValue: errno)) }
        return false
    }

    /// Has what root made belong to the user of the state directory.
    func giveToOwner(_ directory: FilePath) throws {
        guard geteuid() == 0 else { return }
        let owner = try Stat(path)
        try DirectoryHandle(guarding: directory).give(to: owner.userID.rawValue, owner.groupID.rawValue)
    }

    /// What cannot be read or understood is as good as forgotten; the next look at the stations finds the rest.
    func stored<Value: Decodable>(_ type: Value.Type, at path: FilePath) -> Value? {
        guard let contents = try? readFile(at: path, followingLinks: false) else { return nil }
        return try? JSONDecoder().decode(type, from: contents.bytes.withSpan { Data(copying: $0) })
    }

    /// Removes a file of the directory; that it is not there is as good.
    func remove(_ path: FilePath) throws(FileError) {
        do throws(FileError) {
            guard let name = path.lastComponent, (try? path.stat(followTargetSymlink: false)) != nil else { return }
            try DirectoryHandle(guarding: path.removingLastComponent()).remove(FilePath(root: nil, [name]))
        } catch {
            guard !error.isMissing else { return }
            throw error
        }
    }

    /// Makes the `directory` of the file, if need be.
    func store(_ value: some Encodable, at path: FilePath, in directory: FilePath) throws {
        if try make(directory) { try giveToOwner(directory) }
        try store(value, at: path)
    }

    func store(_ value: some Encodable, at path: FilePath) throws {
        try store(bytes: Array(try JSONEncoder().encode(value)), at: path)
    }

    func store(bytes: [UInt8], at path: FilePath) throws {
        // Each run that was killed while it wrote here would leave one more.
        let directory = path.removingLastComponent()
        let isShared = directory == self.path
        try searched.once(isShared ? path : directory) { () throws(WriteError) in
            // A check that is at work beside the lock writes to the directory itself, and to none below it.
            try StagedFile.removeLeftovers(in: directory) { !isShared || $0 == path.lastComponent?.string }
        }
        try StagedFile(replacing: path, with: SecretBytes(copying: bytes.span), trusting: users).install()
    }
}

extension Data {
    init(copying span: Span<UInt8>) {
        self = unsafe span.withUnsafeBytes { unsafe Data($0) }
    }
}
