import CertKit
import FoundationEssentials
import Glibc
import SystemPackage

/// A file in the state directory that holds what `check` has found out: it makes the next one faster, and may be deleted.
///
/// What stands there is believed, so it is read only if nobody but root or this user can have written it. Its first line names
/// who found out, certd's and libcrypto's build: what another build has found right is looked at again, since the reason
/// for a new one may be that the old one was wrong.
struct RecordFile: Sendable {
    let path: FilePath
    private let author: [UInt8]
    /// Renewals add entries: far more than any host has certificates for is not read.
    private static let sizeLimit = 64 << 20

    init(_ name: String, below state: FilePath, by author: String = Version.build) {
        path = state.appending(name)
        self.author = Array("\(author)\n".utf8)
    }

    /// The size in bytes; 0 where there is none.
    var size: Int { (try? Stat(path)).map { Int($0.size) } ?? 0 }

    /// The record; nil where the file is missing or anything about it is odd.
    func read() -> KeptRecord? {
        guard let contents = try? readFile(at: path, limit: Self.sizeLimit, followingLinks: false),
            contents.identity.isOurs
        else { return nil }
        let isByAuthor = contents.bytes.withSpan { text in
            text.count > author.count && author.indices.allSatisfy { text[$0] == author[$0] }
        }
        return isByAuthor ? KeptRecord(contents.bytes, from: author.count) : nil
    }

    /// Writes a record down where there is a state directory that takes it: a check that may not write is as good, and
    /// slower.
    func write(_ record: [UInt8]) {
        // What a run that was killed has left; where another one is at work, the later of the two counts.
        _ = try? StagedFile.removeLeftovers(beside: path)
        _ = try? StagedFile(replacing: path, with: SecretBytes(copying: (author + record).span)).install()
    }
}

extension Version {
    /// What may be wrong about a verdict and differ from the next build's.
    static let build = "certd \(current) of \(builtAt?.utc ?? "an unknown date"), \(libcryptoBuild)"
}

extension FileIdentity {
    /// Whether only root or this process's user can have written the file, under this name alone.
    fileprivate var isOurs: Bool {
        [0, geteuid()].contains(owner) && permissions == .ownerReadWrite && links == 1
    }
}
