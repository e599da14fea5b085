internal import SystemPackage

/// The steps by which a lineage is looked at; each sees the files as they are at its own moment.
///
/// There are two kinds: an open directory, and the model of certbot in the tests, which changes between the steps.
protocol LineageView: ~Copyable {
    /// The directory's identity; it changes whenever a name in it is made or removed.
    func identity() throws(FileError) -> FileIdentity
    /// The identity of what `name` leads to; nil where it leads nowhere.
    func identity(of name: String) throws(FileError) -> FileIdentity?
    /// What kind of name it is.
    func link(at name: String) throws(FileError) -> Link
    /// Reads a file whole; `name` is relative to the directory, and links are followed.
    func readFile(named name: String) throws(FileError) -> FileContents
}

/// A name, seen without following it.
enum Link: Equatable {
    /// Nothing has it.
    case missing
    /// It is a symbolic link with this text.
    case to(String)
    /// It is something else.
    case isNone
}

extension DirectoryHandle: LineageView {
    func identity(of name: String) throws(FileError) -> FileIdentity? {
        try stat(FilePath(name)).map(FileIdentity.init)
    }

    func link(at name: String) throws(FileError) -> Link {
        do throws(Errno) {
            return .to(try linkText(name))
        } catch .noSuchFileOrDirectory {
            return .missing
        } catch .invalidArgument {
            return .isNone
        } catch {
            throw FileError(error, at: shown(FilePath(name)))
        }
    }

    func readFile(named name: String) throws(FileError) -> FileContents {
        try readFile(named: FilePath(name), limit: fileSizeLimit)
    }
}
