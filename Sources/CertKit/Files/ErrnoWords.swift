internal import SystemPackage

/// What the system's errors mean for somebody who runs certd, and what to do about each.
extension Errno {
    /// What went wrong, in lower case.
    var words: String {
        switch self {
        case .permissionDenied, .notPermitted: "permission denied"
        case .tooManyOpenFiles, .tooManyOpenFilesInSystem: "too many open files"
        case .tooManySymbolicLinkLevels: "too many symbolic links, or a circle of them"
        case .ioError: "the disk reports an input or output error"
        case .noSpace: "no space left on the file system"
        case .diskQuotaExceeded: "the disk quota is used up"
        case .readOnlyFileSystem: "the file system is mounted read-only"
        case .improperLink: "the file system changes between the directory and the file"
        case .noMemory: "out of memory"
        default: description.lowercased()
        }
    }

    /// What to do when it happened to `path`.
    func remedy(for path: FilePath) -> String {
        switch self {
        case .permissionDenied, .notPermitted: "run it as root, or see who may: namei -l \(path)"
        case .tooManyOpenFiles: "raise the limit: systemctl edit certd, with LimitNOFILE=; in a shell: ulimit -n 1024"
        case .tooManyOpenFilesInSystem: "see what holds them all open: cat /proc/sys/fs/file-nr"
        case .tooManySymbolicLinkLevels, .noSuchFileOrDirectory, .notDirectory:
            "see where the path ends: namei -l \(path)"
        case .ioError: "look for a failing disk: dmesg --level=err,warn"
        case .noSpace: "make room: df -h \(directory(of: path)); df -i counts the files"
        case .diskQuotaExceeded: "make room or raise the quota: quota -v"
        case .readOnlyFileSystem, .improperLink: "see how it is mounted: findmnt -T \(directory(of: path))"
        case .noMemory: "see what uses it up: ps aux --sort=-rss"
        default: "see what stands there: ls -ld \(path)"
        }
    }
}

private func directory(of path: FilePath) -> FilePath {
    let directory = path.removingLastComponent()
    return directory.isEmpty ? "." : directory
}
