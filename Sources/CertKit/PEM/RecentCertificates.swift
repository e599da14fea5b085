/// The certificates that file after file repeats, intermediates as a rule: each is decoded once as long as it is recent.
///
/// Give one to each thread that reads many files.
public struct RecentCertificates: Sendable {
    private struct Entry {
        /// The base64 as it stood in the file.
        let text: [UInt8]
        let certificate: Certificate
    }

    /// A public authority issues from a handful of intermediates at a time.
    private static let limit = 8
    private var entries: [Entry] = []
    private var oldest = 0

    /// Knows nothing yet.
    public init() {}

    /// The certificate of a block of `text`, from memory if its base64 is the same to the byte.
    ///
    /// - Throws: as ``PEMBlock/certificate(in:of:)``.
    public mutating func certificate(
        of block: PEMBlock, in text: Span<UInt8>, file: @autoclosure () -> String
    ) throws(PEMError) -> Certificate {
        for entry in entries where text.equals(block.body, entry.text.span, 0..<entry.text.count) {
            return entry.certificate
        }
        let certificate = try block.certificate(in: text, of: file())
        let entry = Entry(text: text.copy(block.body), certificate: certificate)
        if entries.count < Self.limit {
            entries.append(entry)
        } else {
            entries[oldest] = entry
            oldest = (oldest + 1) % Self.limit
        }
        return certificate
    }
}
