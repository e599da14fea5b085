internal import Glibc
public import SystemPackage

/// Sole owner of an open directory: what is done through it stays in that directory, even when its path is replaced.
public struct DirectoryHandle: ~Copyable, Sendable {
    /// The path it was opened by; for messages, and never resolved again.
    public let path: FilePath
    let descriptor: Descriptor

    /// Opens the directory at `path`, following links.
    ///
    /// - Throws: ``FileError``, with `ENOTDIR` where something else stands there.
    public init(opening path: FilePath) throws(FileError) {
        self.path = path
        descriptor = try FileError.naming(path) { () throws(Errno) in
            try Descriptor(opening: path, flags: O_RDONLY | O_DIRECTORY | O_NONBLOCK)
        }
    }

    init(_ descriptor: consuming Descriptor, at path: FilePath) {
        self.path = path
        self.descriptor = descriptor
    }

    var file: FileDescriptor { descriptor.file }

    /// The path of `name`, for messages.
    func shown(_ name: FilePath) -> FilePath { path.pushing(name).lexicallyNormalized() }

    /// The directory's own identity: it changes whenever a name in it is made or removed.
    public func identity() throws(FileError) -> FileIdentity {
        try FileError.naming(path) { () throws(Errno) in FileIdentity(try Stat(file)) }
    }

    /// What `name` leads to.
    ///
    /// - Throws: `Errno` where that is nothing, or it cannot be seen.
    public func stat(named name: FilePath) throws(Errno) -> Stat { try Stat(name, relativeTo: file, flags: []) }

    /// What `name` leads to; nil where it leads nowhere.
    func stat(_ name: FilePath) throws(FileError) -> Stat? {
        do throws(Errno) {
            return try stat(named: name)
        } catch .noSuchFileOrDirectory {
            return nil
        } catch {
            throw FileError(error, at: shown(name))
        }
    }

    /// The text of the symbolic link `name`; bytes that are not UTF-8 are replaced.
    func linkText(_ name: String) throws(Errno) -> String {
        let text = unsafe withUnsafeTemporaryAllocation(byteCount: Int(PATH_MAX), alignment: 1) { buffer in
            Result { () throws(Errno) in
                // The buffer is not empty, so it has an address.
                let start = unsafe buffer.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: CChar.self)
                let count = try retryingInterrupted {
                    unsafe name.withCString { unsafe readlinkat(file.rawValue, $0, start, buffer.count) }
                }
                return unsafe String(decoding: UnsafeRawBufferPointer(rebasing: buffer[..<count]), as: UTF8.self)
            }
        }
        return try text.get()
    }

    /// The names in the directory without `.` and `..`, sorted; one that is not UTF-8 is no name of ours and left out.
    public func names() throws(FileError) -> [String] {
        try FileError.naming(path) { () throws(Errno) in
            try unsafe list { name, _ in unsafe String(validatingCString: name) }.sorted()
        }
    }

    /// What `make` makes of each name and its kind (`DT_DIR` and the like), in no order.
    func names<Name>(
        making make: (UnsafePointer<CChar>, UInt8) -> Name?
    ) throws(FileError) -> [Name] {
        try FileError.naming(path) { () throws(Errno) in try unsafe list(make) }
    }

    /// Those of ``names()`` and those that are not UTF-8, each as it stands on disk, in no order.
    public func entries() throws(FileError) -> [FilePath] {
        try FileError.naming(path) { () throws(Errno) in
            try unsafe list { name, _ in unsafe FilePath(platformString: name) }
        }
    }

    /// Removes the file `name`, a link itself and not what it leads to.
    ///
    /// - Throws: ``FileError``, also where nothing has that name.
    public func remove(_ name: FilePath) throws(FileError) {
        _ = try FileError.naming(shown(name)) { () throws(Errno) in
            try retryingInterrupted { unsafe name.withPlatformString { unsafe unlinkat(file.rawValue, $0, 0) } }
        }
    }

    /// Has the directory belong to this user and group, which root alone can do.
    public func give(to owner: UInt32, _ group: UInt32) throws(FileError) {
        _ = try FileError.naming(path) { () throws(Errno) in
            try retryingInterrupted { fchown(file.rawValue, owner, group) }
        }
    }

    /// Makes something of each name and its kind (`DT_DIR` and the like).
    private func list<Name>(_ make: (UnsafePointer<CChar>, UInt8) -> Name?) throws(Errno) -> [Name] {
        // A second descriptor, because the stream closes the one that it is given, and keeps its own place in it.
        let own = try retryingInterrupted { unsafe openat(file.rawValue, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard let stream = unsafe fdopendir(own) else {
            let failure = Errno(rawValue: errno)
            close(own)
            throw failure
        }
        defer { unsafe closedir(stream) }
        var names: [Name] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(stream) else {
                guard errno == 0 else { throw Errno(rawValue: errno) }
                return names
            }
            let kind = unsafe entry.pointee.d_type
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) {
                    unsafe strcmp($0, ".") == 0 || strcmp($0, "..") == 0 ? nil : make($0, kind)
                }
            }
            if let name { names.append(name) }
        }
    }
}
