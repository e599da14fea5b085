internal import Glibc
public import SystemPackage

/// A file read whole, at one moment of its life.
///
/// The bytes are secret whatever the file is, since any PEM file may hold a key.
public struct FileContents: Sendable {
    /// All of it.
    public let bytes: SecretBytes
    /// The file's identity, the same before and after the bytes were read.
    public let identity: FileIdentity
    /// Where it was read from: a path, or a name in a directory.
    private let place: (directory: FilePath?, name: FilePath)

    init(bytes: SecretBytes, identity: FileIdentity, path name: FilePath, in directory: FilePath? = nil) {
        (self.bytes, self.identity, place) = (bytes, identity, (directory, name))
    }

    /// Where it was read, for messages; made when it is asked for.
    public var path: FilePath { shown(place.name, in: place.directory) }
}

/// The path of `name`, for messages.
private func shown(_ name: FilePath, in directory: FilePath?) -> FilePath {
    directory?.pushing(name).lexicallyNormalized() ?? name
}

/// The largest file that is read, in bytes: 1 MiB.
public let fileSizeLimit = 1 << 20

/// Reads a regular file whole; not `followingLinks`, a symbolic link at `path` itself is no regular file.
///
/// - Throws: ``FileError`` where it is missing, no regular file (which is never waited for), larger than `limit` bytes,
///   or changes meanwhile.
public func readFile(
    at path: FilePath, limit: Int = fileSizeLimit, followingLinks: Bool = true
) throws(FileError) -> FileContents {
    try read(path, in: .workingDirectory, below: nil, limit: limit, followingLinks)
}

/// The same; nil where it is missing.
public func readFileUnlessMissing(
    at path: FilePath, followingLinks: Bool = true
) throws(FileError) -> FileContents? {
    do throws(FileError) {
        return try readFile(at: path, followingLinks: followingLinks)
    } catch {
        guard case .missing = error else { throw error }
        return nil
    }
}

extension DirectoryHandle {
    /// Reads a regular file whole; `name` is relative to the directory.
    ///
    /// - Throws: ``FileError`` as ``readFile(at:limit:followingLinks:)`` does.
    public func readFile(
        named name: FilePath, limit: Int = fileSizeLimit, followingLinks: Bool = true
    ) throws(FileError) -> FileContents {
        try read(name, in: file, below: path, limit: limit, followingLinks)
    }
}

private func read(
    _ name: FilePath, in directory: FileDescriptor, below base: FilePath?, limit: Int, _ followingLinks: Bool
) throws(FileError) -> FileContents {
    var path: FilePath { shown(name, in: base) }
    // Looked at before it is opened as well: opening a device may do something, and opening a socket only fails.
    let found = try FileError.naming(path) { () throws(Errno) in
        try Stat(name, relativeTo: directory, flags: followingLinks ? [] : .symlinkNoFollow)
    }
    if let kind = FileKind(found) { throw .notAFile(path: path, kind) }
    let flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | (followingLinks ? 0 : O_NOFOLLOW)
    let opened = try FileError.naming(path) { () throws(Errno) in
        try Descriptor(opening: name, in: directory, flags: flags)
    }
    let stat = try FileError.naming(path) { () throws(Errno) in try Stat(opened.file) }
    if let kind = FileKind(stat) { throw .notAFile(path: path, kind) }
    guard stat.size <= limit else { throw .tooLarge(path: path, limit: limit) }

    let before = FileIdentity(stat)
    let bytes = try FileError.naming(path) { () throws(Errno) in try opened.readAll(expecting: before.size) }
    let after = try FileError.naming(path) { () throws(Errno) in FileIdentity(try Stat(opened.file)) }
    guard before == after else { throw .changedWhileRead(path: path) }
    guard bytes.count == before.size else { throw .notAFile(path: path, .kernelFile) }
    return FileContents(bytes: bytes, identity: before, path: name, in: base)
}

extension Descriptor {
    /// Reads `size` bytes, or fewer where the file ends before; where it goes on, its identity will have changed.
    ///
    /// A file without a size may be one that the kernel makes up: a byte of it is enough to tell.
    fileprivate borrowing func readAll(expecting size: Int) throws(Errno) -> SecretBytes {
        try file.readAll(atMost: max(size, 1))
    }
}

extension FileDescriptor {
    /// Reads to the end, or `limit` bytes.
    func readAll(atMost limit: Int) throws(Errno) -> SecretBytes {
        try SecretBytes(capacity: limit) { output throws(Errno) in
            while !output.isFull {
                let count = try output.appendRead(from: self)
                if count == 0 { return }
            }
        }
    }
}

extension OutputSpan<UInt8> {
    /// Reads once into the free space and tells how many bytes came; 0 is the end of the file.
    fileprivate mutating func appendRead(from file: FileDescriptor) throws(Errno) -> Int {
        try unsafe withUnsafeMutableBufferPointer { buffer, used throws(Errno) in
            let free = unsafe UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[used...])
            let count = try retryingInterrupted { unsafe read(file.rawValue, free.baseAddress, free.count) }
            used += count
            return count
        }
    }
}
