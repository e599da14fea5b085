internal import Glibc
public import SystemPackage

extension DirectoryHandle {
    /// What the name of `lineage` leads to in this directory, which is to be certbot's `live`.
    ///
    /// For who looks at thousands every few seconds: the way from here is short, and nothing is made for it.
    /// - Throws: `Errno` where there is nothing, or it cannot be seen.
    public func stat(of lineage: Lineage) throws(Errno) -> Stat {
        var status = Glibc.stat()
        guard unsafe lineage.withName({ unsafe fstatat(file.rawValue, $0, &status, 0) }) == 0 else {
            throw Errno(rawValue: errno)
        }
        return Stat(rawValue: status)
    }
}

extension Lineage {
    /// A number that stands for the name, the same in each run (FNV-1a, 64 bits).
    public var nameHash: UInt64 {
        unsafe withName { text in
            var (hash, next): (UInt64, UnsafePointer<CChar>) = unsafe (0xcbf2_9ce4_8422_2325, text)
            while unsafe next.pointee != 0 {
                hash = unsafe (hash ^ UInt64(UInt8(bitPattern: next.pointee))) &* 0x100_0000_01b3
                unsafe next += 1
            }
            return hash
        }
    }
}
