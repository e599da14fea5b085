import Glibc
import SystemPackage

/// A request that somebody with the right to it reloads HAProxy: the file `reload` in certd's runtime directory.
///
/// The interface of `certd-reload.path`, whose service removes the file, then reloads: in this order, since a request that
/// comes in between would be lost otherwise. The file is empty; nothing in it has to be believed.
struct ReloadRequest: Sendable {
    let path: FilePath
    private let directory: FilePath

    init(directory: FilePath) {
        self.directory = directory
        path = directory.appending("reload")
    }

    /// Leaves the request, and waits until it is taken; one that nobody takes is withdrawn.
    ///
    /// Looked for again after 1, 2, 4 … 200 ms: the directory may be replaced meanwhile, which a watch on it would miss.
    /// - Throws: ``ReloadError/requestNotWritten(_:_:)``, ``ReloadError/requestNotTaken(_:after:)``.
    func beTaken(within limit: Duration) async throws(ReloadError) {
        try write()
        let deadline = ContinuousClock.now + limit
        var pause = Duration.milliseconds(1)
        while stands {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero, (try? await ContinuousClock().sleep(for: min(pause, left))) != nil else {
                // Taken at the last moment is taken.
                guard unsafe unlink(path.string) == 0 || errno != ENOENT else { return }
                throw .requestNotTaken(path, after: limit)
            }
            pause = min(pause * 2, .milliseconds(200))
        }
    }

    private var stands: Bool { unsafe access(path.string, F_OK) == 0 }

    /// One that stands there already is as good: whoever takes it will reload after that.
    private func write() throws(ReloadError) {
        _ = unsafe mkdir(directory.string, 0o755)
        let file = unsafe open(path.string, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard file >= 0 || errno == EEXIST else { throw .requestNotWritten(path, Errno(rawValue: errno)) }
        if file >= 0 { close(file) }
    }
}
