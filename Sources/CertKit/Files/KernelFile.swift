public import SystemPackage

/// Reads a file that the kernel makes up while it is read, such as those below /proc; nil where it cannot be read.
///
/// ``readFile(at:limit:followingLinks:)`` refuses these: their size says 0. What comes after 1 MiB is left.
public func readKernelFile(at path: FilePath) -> String? {
    guard let file = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec]) else { return nil }
    let bytes = try? file.closeAfter {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while bytes.count < fileSizeLimit {
            let count = try unsafe chunk.withUnsafeMutableBytes { unsafe try file.read(into: $0) }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return bytes
    }
    return bytes.map { String(decoding: $0, as: UTF8.self) }
}
