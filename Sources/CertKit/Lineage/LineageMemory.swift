internal import Synchronization
internal import SystemPackage

/// What need not be done again for each of many lineages: decoding the intermediates that they share, and computing the
/// public halves of keys that are known to be their leaves'.
///
/// Give one to each task that reads many lineages: while one parses a file, others wait.
public final class LineageMemory: Sendable {
    /// Key pairs that are known to belong together; without it every public half is computed.
    let signatures: SignatureMemory?
    private let recent = Mutex(RecentCertificates())
    /// Reads what is as it usually is; made for whoever asks first.
    let calmReader = Mutex<CalmReader?>(nil)

    /// Knows no certificate yet.
    public init(signatures: SignatureMemory?) { self.signatures = signatures }

    /// What `contents` hold; a key in them is expected to be `leaf`'s.
    func parse(_ contents: FileContents, expecting leaf: PublicKey? = nil) throws(PEMError) -> PEMContents {
        let expected = leaf.flatMap { key in signatures.map { ExpectedKey(publicKey: key, memory: $0) } }
        return try recent.withLock { recent throws(PEMError) in
            try contents.bytes.withSpan { text throws(PEMError) in
                try PEMContents(
                    parsing: text, file: contents.path.string, recalling: &recent, expecting: expected)
            }
        }
    }
}
