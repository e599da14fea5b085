internal import Glibc

/// The states of the files and directories that a verdict rests on, each as the system tells it without reading a byte.
struct FileStates {
    /// The first half of a SHA-256.
    struct Digest: Equatable {
        let high: UInt64
        let low: UInt64
    }

    private static let wordsEach = 9
    /// certbot's two directories of the lineage, four files and the renewal file, and what they belong to.
    private static let limit = 64

    private var words = [64 of UInt64](repeating: 0)
    private var count = 0
    /// The latest change of any of them, in seconds since 1970.
    private(set) var lastChange = Int.min

    /// None yet of what `subject` stands for.
    init(of subject: UInt64) { append(subject) }

    /// Adds what has this name in an open directory; nil where nothing has, or more than fits is added.
    mutating func add(in directory: CInt, _ flags: CInt = 0, _ name: UnsafePointer<CChar>) -> FilePlace? {
        var status = stat()
        guard count + Self.wordsEach <= Self.limit, unsafe fstatat(directory, name, &status, flags) == 0 else {
            return nil
        }
        append(UInt64(status.st_dev))
        append(UInt64(status.st_ino))
        append(UInt64(bitPattern: Int64(status.st_size)))
        append(UInt64(status.st_mode) << 32 | UInt64(status.st_uid))
        append(UInt64(status.st_gid))
        for time in [status.st_mtim, status.st_ctim] {
            append(UInt64(bitPattern: Int64(time.tv_sec)))
            append(UInt64(bitPattern: Int64(time.tv_nsec)))
        }
        lastChange = max(lastChange, status.st_ctim.tv_sec)
        return FilePlace(status)
    }

    private mutating func append(_ word: UInt64) {
        words[count] = word
        count += 1
    }

    /// Two equal ones mean that nothing of all that was touched in between.
    var digest: Digest {
        let bytes = CertKit.Digest.sha256(words: words.span.extracting(0..<count))
        return Digest(high: bytes.span.number(at: 0), low: bytes.span.number(at: 8))
    }
}

/// Which file it is, whatever its name.
struct FilePlace: Equatable {
    let device: UInt
    let inode: UInt

    init(_ status: stat) { (device, inode) = (status.st_dev, status.st_ino) }
}
