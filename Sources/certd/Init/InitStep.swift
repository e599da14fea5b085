import CertKit
import Glibc
import SystemPackage

/// One change of `certd init`; each can be taken back.
enum InitStep: Sendable {
    /// Writes the configuration.
    case configure(FilePath, ConfigurationAddition)
    /// Puts a hook of certd's into certbot's directory.
    case install(PackageHook, FilePath)
    /// Has certbot run a hook of certd's that is there.
    case enable(FilePath)
    /// Renames an old hook, so that certbot skips it.
    case putAside(OldHook, FilePath, as: FilePath)
    /// Closes a bundle to others.
    case close(KeyExposure)
    /// Has the daemon read its configuration.
    case tellDaemon(Settings)

    /// What it does, a line or more; `+` is before what is added to a file.
    var lines: [String] {
        switch self {
        case .configure(let path, let addition):
            ["\(addition.old == nil ? "write" : "add to") \(path):"]
                + addition.parts.flatMap { part in
                    (part.after.map { ["    \($0)"] } ?? []) + part.lines.map { $0.isEmpty ? "  +" : "  + \($0)" }
                }
        case .install(_, let path): ["install \(path)"]
        case .enable(let path): ["make \(path) executable"]
        case .putAside(let hook, let path, let new):
            [
                "put \(path) aside, which \(hook.description):",
                "    rename it to \(new.lastComponent?.string ?? ""), which certbot skips",
            ]
        case .close(let exposed): ["close \(exposed.path), whose key others can read: chmod 0600"]
        case .tellDaemon: ["have the daemon read it: systemctl reload certd"]
        }
    }

    /// What takes it back.
    typealias Undoing = @Sendable () throws -> Void

    /// Does it.
    ///
    /// - Returns: What takes it back.
    /// - Throws: why not; then nothing has changed.
    func perform(_ questions: HostQuestions) async throws -> Undoing {
        switch self {
        case .configure(let path, let addition):
            let made = try makeDirectories(above: path)
            let mode = (try? path.stat())?.permissions ?? InitStep.openMode
            try write(addition.text, to: path, mode: mode)
            guard let old = addition.old else {
                return {
                    try removeFile(path); removeDirectories(made)
                }
            }
            return { try write(old, to: path, mode: mode) }
        case .install(let hook, let path):
            let made = try makeDirectories(above: path)
            try write(hook.text, to: path, mode: InitStep.programMode)
            return {
                try removeFile(path); removeDirectories(made)
            }
        case .enable(let path):
            let mode = try path.stat().permissions
            try change(path, to: mode.union([.ownerExecute, .groupExecute, .otherExecute]))
            return { try change(path, to: mode) }
        case .putAside(_, let path, let new):
            try move(path, to: new)
            return { try move(new, to: path) }
        case .close(let exposed):
            let mode = try exposed.path.stat(followTargetSymlink: false).permissions
            try change(exposed.path, to: .ownerReadWrite)
            return { try change(exposed.path, to: mode) }
        case .tellDaemon(let settings):
            guard let answer = await questions.ask(["systemctl", "reload", "certd"]), answer.isWell else {
                throw InitError.daemonNotTold
            }
            await DaemonAgreement(settings).isReached(within: .seconds(15), on: ContinuousClock())
            return {}
        }
    }

    private static let openMode: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
    private static let programMode: FilePermissions = [.ownerReadWriteExecute, .groupReadExecute, .otherReadExecute]
}

/// Why a change was not made.
enum InitError: Diagnosis, Equatable {
    /// The system refused.
    case refused(String, FilePath, Errno)
    case daemonNotTold
    /// Nobody can be asked, and nobody has said yes before.
    case nobodyToAsk
    /// What would be written is not understood by certd itself.
    case notUnderstood(String)

    var description: String {
        switch self {
        case .refused(let what, let path, let error): "\(path): cannot \(what): \("\(error)".lowercased())"
        case .daemonNotTold: "the daemon was not told to read its configuration: systemctl reload certd fails"
        case .nobodyToAsk: "nothing was changed: there is no terminal to ask on"
        case .notUnderstood(let why): "what would be written would not be valid: \(why)"
        }
    }
    var remedy: String {
        switch self {
        case .refused(_, let path, _): "run it as root, or see who may: namei -l \(path)"
        case .daemonNotTold: "see why: systemctl status certd"
        case .nobodyToAsk: "say yes beforehand: certd init --yes"
        case .notUnderstood: "write the entries by hand: man certd.toml"
        }
    }
    var findingID: FindingID { .configurationInvalid }
}

extension InitError: UsageDiagnosis {
    var blamesArguments: Bool { self == .nobodyToAsk }
}

private func write(_ text: String, to path: FilePath, mode: FilePermissions) throws {
    try StagedFile(replacing: path, with: SecretBytes(copying: Array(text.utf8).span), mode: mode).install()
}

private func removeFile(_ path: FilePath) throws {
    guard let name = path.lastComponent else { return }
    try DirectoryHandle(guarding: path.removingLastComponent()).remove(FilePath(root: nil, [name]))
}

private func change(_ path: FilePath, to mode: FilePermissions) throws(InitError) {
    guard unsafe fchmodat(AT_FDCWD, path.string, mode.rawValue, 0) == 0 else {
        throw .refused("change its mode", path, Errno(rawValue: errno))
    }
}

/// Never over something that is there, which rename(2) would replace.
private func move(_ path: FilePath, to new: FilePath) throws(InitError) {
    guard unsafe linkat(AT_FDCWD, path.string, AT_FDCWD, new.string, 0) == 0 else {
        throw .refused("rename it", path, Errno(rawValue: errno))
    }
    guard unsafe unlink(path.string) == 0 else {
        let reason = Errno(rawValue: errno)
        _ = unsafe unlink(new.string)
        throw .refused("rename it", path, reason)
    }
}

/// Makes the directories above `path` that are not there, 0755, and gives them, the innermost last.
private func makeDirectories(above path: FilePath) throws(InitError) -> [FilePath] {
    let directory = path.removingLastComponent()
    guard !directory.isEmpty, (try? directory.stat()) == nil else { return [] }
    let above = try makeDirectories(above: directory)
    guard unsafe mkdir(directory.string, 0o755) == 0 else {
        throw .refused("make it", directory, Errno(rawValue: errno))
    }
    return above + [directory]
}

private func removeDirectories(_ made: [FilePath]) {
    for directory in made.reversed() { _ = unsafe rmdir(directory.string) }
}

extension DaemonAgreement {
    /// Waits until the daemon goes by these settings: it reads them in its own time and tells nobody.
    fileprivate func isReached(within limit: Duration, on clock: ContinuousClock) async {
        let deadline = clock.now + limit
        var pause = Duration.milliseconds(5)
        while clock.now < deadline, (try? await ask()) != .same {
            guard (try? await clock.sleep(for: pause)) != nil else { return }
            pause = min(pause * 2, .milliseconds(200))
        }
    }
}
