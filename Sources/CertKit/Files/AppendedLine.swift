internal import Glibc
public import SystemPackage

/// Adds `line` and a line end to the file at `path`, which is made 0600 where it is missing.
///
/// Where the file is larger than `limit` bytes then, the newest of its lines take its place, as many as are whole in half of
/// that. The line is not synced, so after a crash the last one may be cut: the next one begins on a line of its own. `trusted`
/// users may write the directory besides root and the caller, and what root makes there is theirs, as for a ``StagedFile``.
/// Only to be called under a lock.
/// - Throws: ``WriteError``, also where something else than a file of root's, the caller's or a `trusted` user's with this one
///   name stands there: that user may have put it there to have root write to it.
public func append(
    line: Span<UInt8>, to path: FilePath, limit: Int, trusting trusted: Set<UInt32> = []
) throws(WriteError) {
    let (parent, name) = try path.splitForWriting()
    let directory = try DirectoryHandle.opening(forKeysAt: parent, trusting: trusted)
    let heir = try WriteError.naming { () throws(FileError) in try directory.heir(among: trusted) }
    let kept = try WriteError.naming(.append, path) { () throws(Errno) -> SecretBytes? in
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
        let size = identity.size + bytes.count
        return size > limit ? try file.newestLines(of: size, atMost: limit / 2) : nil
    }
    guard let kept else { return }
    // Each run that was killed while it wrote here would leave one more.
    try StagedFile.removeLeftovers(beside: path)
    try StagedFile(replacing: path, with: kept, trusting: trusted).install()
}

extension FileDescriptor {
    /// The whole lines in the last `limit` of `size` bytes, whatever is in them; fewer than `size`.
    fileprivate func newestLines(of size: Int, atMost limit: Int) throws(Errno) -> SecretBytes {
        var start = size - limit
        // A system call a byte, but lines are short, and files seldom too large.
        while start < size, try byte(at: start - 1) != UInt8(ascii: "\n") { start += 1 }
        try retryingInterrupted { Glibc.lseek(rawValue, start, SEEK_SET) }
        return try readAll(atMost: size - start)
    }

    /// The byte at `offset`; zero where the file has ended before.
    fileprivate func byte(at offset: Int) throws(Errno) -> UInt8 {
        var byte: UInt8 = 0
        try retryingInterrupted { unsafe Glibc.pread(rawValue, &byte, 1, offset) }
        return byte
    }
}
