import CertKit
import FoundationEssentials
import Glibc
import SystemPackage

/// The file in the state directory that holds what `check` has verified: it makes the next one faster, and may be deleted.
///
/// What stands there is believed, so it is read only if nobody but root or this user can have written it.
struct SignatureFile: Sendable {
    let path: FilePath
    /// Renewals add entries: far more than any host has certificates for is not read.
    private static let sizeLimit = 64 << 20

    init(below state: FilePath) { path = state.appending("verified-signatures") }

    /// What was verified before; nothing where the file is missing or anything about it is odd.
    func read() -> SignatureMemory {
        guard let contents = try? readFile(at: path, limit: Self.sizeLimit), contents.identity.isOurs else {
            return SignatureMemory()
        }
        return contents.bytes.withSpan { SignatureMemory(recorded: $0) } ?? SignatureMemory()
    }

    /// Writes down what was verified since, where there is a state directory that takes it: a check that may not write
    /// is as good, and slower.
    func write(_ memory: SignatureMemory, forgettingUnused: Bool) {
        guard let record = memory.recorded(forgettingUnused: forgettingUnused) else { return }
        // What a run that was killed has left; where another one is at work, the later of the two counts.
        _ = try? StagedFile.removeLeftovers(beside: path)
        _ = try? StagedFile(replacing: path, with: SecretBytes(copying: record.span)).install()
    }
}

extension FileIdentity {
    /// Whether only root or this process's user can have written the file, under this name alone.
    fileprivate var isOurs: Bool {
        [0, geteuid()].contains(owner) && permissions == .ownerReadWrite && links == 1
    }
}
