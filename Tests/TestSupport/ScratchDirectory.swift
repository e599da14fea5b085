internal import FoundationEssentials
internal import Glibc
public import SystemPackage

/// A directory of a test's own, removed with everything in it when the test lets go.
public final class ScratchDirectory: Sendable {
    /// Where it is: short, so that a socket in it fits into `sun_path`.
    public let path: FilePath

    /// Makes an empty directory, 0700.
    public init() throws {
        var template = Array("/tmp/certd-XXXXXX".utf8CString)
        let made = unsafe mkdtemp(&template) != nil
        guard made else { throw Errno(rawValue: errno) }
        path = FilePath(String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path.string)
    }

    /// The path of `name` in this directory.
    public func file(_ name: String) -> FilePath { path.appending(name) }

    /// Writes `text` to `name`, replacing what is there, and gives the path.
    @discardableResult
    public func write(_ text: String, to name: String, mode: FilePermissions = .ownerReadWrite) throws -> FilePath {
        let target = file(name)
        let descriptor = try FileDescriptor.open(
            target, .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: mode)
        _ = try descriptor.closeAfter { try descriptor.writeAll(text.utf8) }
        return target
    }

    /// Reads `name` as text.
    public func read(_ name: String) throws -> String { try text(of: file(name)) }
}

/// What a file holds.
public func text(of file: FilePath) throws -> String { try String(contentsOfFile: file.string, encoding: .utf8) }

/// Removes a file, or a directory with everything in it.
public func remove(_ file: FilePath) throws { try FileManager.default.removeItem(atPath: file.string) }
