import CertKit
import FoundationEssentials
import Glibc
import SystemPackage

/// The file in the state directory that holds what `check` has verified: it makes the next one faster, and may be deleted.
///
/// What stands there is believed, so it is read only if nobody but root or this user can have written it. Its first line names
/// who verified, certd's and libcrypto's build: what another build has found right is verified again, since the reason for
/// a new one may be that the old one was wrong.
struct SignatureFile: Sendable {
    let path: FilePath
    private let verifier: [UInt8]
    /// Renewals add entries: far more than any host has certificates for is not read.
    private static let sizeLimit = 64 << 20

    init(below state: FilePath, verifiedBy verifier: String = Version.build) {
        path = state.appending("verified-signatures")
        self.verifier = Array("\(verifier)\n".utf8)
    }

    /// What was verified before; nothing where the file is missing or anything about it is odd.
    func read() -> SignatureMemory {
        guard let contents = try? readFile(at: path, limit: Self.sizeLimit, followingLinks: false),
            contents.identity.isOurs
        else { return SignatureMemory() }
        return contents.bytes.withSpan { text in
            guard text.count > verifier.count, verifier.indices.allSatisfy({ text[$0] == verifier[$0] }) else {
                return nil
            }
            return SignatureMemory(recorded: text.extracting(verifier.count...))
        } ?? SignatureMemory()
    }

    /// Writes down what was verified since, where there is a state directory that takes it: a check that may not write
    /// is as good, and slower.
    func write(_ memory: SignatureMemory, forgettingUnused: Bool) {
        guard let record = memory.recorded(forgettingUnused: forgettingUnused) else { return }
        // What a run that was killed has left; where another one is at work, the later of the two counts.
        _ = try? StagedFile.removeLeftovers(beside: path)
        _ = try? StagedFile(replacing: path, with: SecretBytes(copying: (verifier + record).span)).install()
    }
}

extension Version {
    /// What may be wrong about a verdict and differ from the next build's.
    fileprivate static let build =
        "certd \(current) of \(builtAt?.utc ?? "an unknown date"), \(libcryptoBuild)"
}

extension FileIdentity {
    /// Whether only root or this process's user can have written the file, under this name alone.
    fileprivate var isOurs: Bool {
        [0, geteuid()].contains(owner) && permissions == .ownerReadWrite && links == 1
    }
}
