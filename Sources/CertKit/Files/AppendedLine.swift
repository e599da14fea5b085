internal import Glibc
public import SystemPackage

/// Adds `line` and a line end to the file at `path`, which is made 0600 where it is missing; gives its size in bytes then.
///
/// It is not synced, so after a crash the last line may be cut: the next one begins on a line of its own. `trusted` users may
/// write the directory besides root and the caller, and what root makes there is theirs, as for a ``StagedFile``. Only to be
/// called under a lock.
/// - Throws: ``WriteError``, also where something else than a file of root's, the caller's or a `trusted` user's with this one
///   name stands there: that user may have put it there to have root write to it.
@discardableResult
public func append(
    line: Span<UInt8>, to path: FilePath, trusting trusted: Set<UInt32> = []
) throws(WriteError) -> Int {
    let (parent, name) = try path.splitForWriting()
    let directory = try DirectoryHandle.opening(forKeysAt: parent, trusting: trusted)
    let heir = try WriteError.naming { () throws(FileError) in try directory.heir(among: trusted) }
    return try WriteError.naming(.append, path) { () throws(Errno) in
        let flags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
        let opened = try Descriptor(opening: name, in: directory.file, flags: flags, permissions: .ownerReadWrite)
        let file = opened.file
        let stat = try Stat(file)
        let identity = FileIdentity(stat)
        guard stat.type == .regular, identity.links == 1, trusted.union([0, geteuid()]).contains(identity.owner) else {
            throw .notPermitted
        }
        if let heir, identity.size == 0 {
            try retryingInterrupted { fchown(file.rawValue, heir.owner, heir.group) }
        }
        let lineEnd = UInt8(ascii: "\n")
        let last = identity.size > 0 ? try file.byte(at: identity.size - 1) : lineEnd
        var bytes = last == lineEnd ? [] : [lineEnd]
        for index in line.indices { bytes.append(line[index]) }
        bytes.append(lineEnd)
        var written = 0
        while written < bytes.count {
            let rest = bytes.span.extracting(written...)
            written += try retryingInterrupted {
                unsafe rest.withUnsafeBytes { unsafe Glibc.write(file.rawValue, $0.baseAddress, $0.count) }
            }
        }
        return identity.size + bytes.count
    }
}

extension FileDescriptor {
    /// The byte at `offset`; zero where the file has ended before.
    fileprivate func byte(at offset: Int) throws(Errno) -> UInt8 {
        var byte: UInt8 = 0
        try retryingInterrupted { unsafe Glibc.pread(rawValue, &byte, 1, offset) }
        return byte
    }
}
