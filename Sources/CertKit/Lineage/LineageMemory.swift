internal import Synchronization
internal import SystemPackage

/// What need not be done again for each of many lineages: decoding the intermediates that they share.
///
/// Give one to each task that reads many lineages: while one parses a file, others wait.
public final class LineageMemory: Sendable {
    private let recent = Mutex(RecentCertificates())

    /// Knows no certificate yet.
    public init() {}

    /// What `contents` hold.
    func parse(_ contents: FileContents) throws(PEMError) -> PEMContents {
        try recent.withLock { recent throws(PEMError) in
            try contents.bytes.withSpan { text throws(PEMError) in
                try PEMContents(parsing: text, file: contents.path.string, recalling: &recent)
            }
        }
    }
}
