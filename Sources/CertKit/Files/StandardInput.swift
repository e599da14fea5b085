internal import Glibc
internal import SystemPackage

/// Reads standard input to its end.
///
/// - Throws: ``FileError`` where it brings more than `limit` bytes, or cannot be read.
public func readStandardInput(limit: Int = fileSizeLimit) throws(FileError) -> SecretBytes {
    let bytes = try FileError.naming("standard input") { () throws(Errno) in
        try FileDescriptor.standardInput.readAll(atMost: limit + 1)
    }
    guard bytes.count <= limit else { throw .tooLarge(path: "standard input", limit: limit) }
    return bytes
}
