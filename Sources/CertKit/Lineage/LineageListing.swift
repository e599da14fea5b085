internal import Glibc
internal import SystemPackage

/// The names of lineages that were found together, one behind the other: of 100,000 none has memory of its own.
final class LineageListing: Sendable {
    /// certbot's `live`; nil where another client keeps the one that is here, whose name is its path.
    let live: FilePath?
    /// The names, each with a zero byte behind it.
    private let text: [CChar]

    init(live: FilePath?, text: [CChar]) {
        precondition(text.last == 0)
        (self.live, self.text) = (live, text)
    }

    /// Lends the name that begins at `start`.
    func withName<Result>(at start: Int, _ body: (UnsafePointer<CChar>) -> Result) -> Result {
        precondition(start < text.count)
        return unsafe text.withUnsafeBufferPointer { text in
            // There is a zero byte at least, so it has an address.
            unsafe body(text.baseAddress.unsafelyUnwrapped + start)
        }
    }

    /// Whether what is in both is in the same directory.
    func isBeside(_ other: LineageListing) -> Bool { self === other || live == other.live }
}

extension DirectoryHandle {
    /// The names that lead to a directory and that `isWanted`, each with a zero byte behind it, and where each begins, in
    /// the order of their bytes.
    func directoryNames(
        where isWanted: (Span<UInt8>) -> Bool
    ) throws(FileError) -> (text: [CChar], starts: [UInt32]) {
        var text: [CChar] = []
        // About as much as the names take where a directory's size counts them; what stays unused takes no memory.
        text.reserveCapacity(min(try identity().size, 16 << 20))
        _ = try unsafe names { (name, kind) -> Never? in
            let count = unsafe strlen(name)
            let isWanted = unsafe name.withMemoryRebound(to: UInt8.self, capacity: count) {
                unsafe isWanted(Span(_unsafeStart: $0, count: count))
            }
            guard isWanted else { return nil }
            switch Int(kind) {
            case DT_DIR: break
            // Some file systems do not say, and what a link leads to is not theirs to say.
            case DT_UNKNOWN, DT_LNK:
                do throws(FileError) {
                    guard try unsafe stat(FilePath(platformString: name))?.type == .directory else { return nil }
                } catch {
                    // A lineage whose reading tells why, and which hides no other.
                    break
                }
            default: return nil
            }
            unsafe text.append(contentsOf: UnsafeBufferPointer(start: name, count: count + 1))
            return nil
        }
        var starts: [UInt32] = []
        starts.reserveCapacity(text.count { $0 == 0 })
        for place in text.indices where place == 0 || text[place - 1] == 0 { starts.append(UInt32(place)) }
        unsafe text.withUnsafeBufferPointer { text in
            // Without a name there is nothing to compare.
            guard let base = text.baseAddress else { return }
            starts.sort { unsafe strcmp(base + Int($0), base + Int($1)) < 0 }
        }
        return (text, starts)
    }
}
