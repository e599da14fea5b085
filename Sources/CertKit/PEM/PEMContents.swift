/// Everything that a PEM file holds: certificates, keys, or both, in the order of the file.
public struct PEMContents: Sendable {
    /// The largest number of certificates that is read from a file.
    public static let certificateLimit = 100

    /// The certificates.
    public private(set) var certificates: [Certificate] = []
    /// The line of each certificate's BEGIN, counted from 1.
    public private(set) var certificateLines: [Int] = []
    /// The private keys.
    public private(set) var keys: [PrivateKey] = []
    /// The line of each key's BEGIN, counted from 1.
    public private(set) var keyLines: [Int] = []

    /// Reads every block of `text`; `file` is for errors, and asked only for one.
    ///
    /// - Throws: ``PEMError`` for the first block that is not a sound certificate, private key or set of parameters.
    public init(parsing text: Span<UInt8>, file: @autoclosure () -> String) throws(PEMError) {
        var recent = RecentCertificates()
        try self.init(parsing: text, file: file(), recalling: &recent)
    }

    /// Reads every block of `text`, and recalls the certificates after the first if they were seen in another file.
    ///
    /// - Throws: as ``init(parsing:file:)``.
    public init(
        parsing text: Span<UInt8>, file: @autoclosure () -> String, recalling recent: inout RecentCertificates
    ) throws(PEMError) {
        try self.init(parsing: text, file: file(), recalling: &recent, expecting: nil)
    }

    /// The same; a key that is known to be the one `expected` is not computed again.
    init(
        parsing text: Span<UInt8>, file: @autoclosure () -> String, recalling recent: inout RecentCertificates,
        expecting expected: ExpectedKey?
    ) throws(PEMError) {
        let blocks = try PEMBlock.all(in: text, of: file())
        guard blocks.count(where: \.isCertificate) <= Self.certificateLimit else {
            throw .tooManyCertificates(file: file(), limit: Self.certificateLimit)
        }
        for block in blocks {
            if block.isCertificate {
                // The first is a leaf, which no other file repeats.
                let certificate =
                    certificates.isEmpty
                    ? try block.certificate(in: text, of: file())
                    : try recent.certificate(of: block, in: text, file: file())
                certificates.append(certificate)
                certificateLines.append(block.line)
            } else if let format = PrivateKey.Format(rawValue: block.label) {
                keys.append(try block.privateKey(format, in: text, of: file(), expecting: expected))
                keyLines.append(block.line)
            } else {
                try block.checkedAsParameters(in: text, of: file())
            }
        }
    }

    /// The private key of a `file` that must hold exactly one.
    ///
    /// - Throws: ``PEMError/missingKey(file:)`` or ``PEMError/ambiguousKey(file:lines:)``.
    public func soleKey(of file: @autoclosure () -> String) throws(PEMError) -> PrivateKey {
        guard let key = keys.first else { throw .missingKey(file: file()) }
        guard keys.count == 1 else { throw .ambiguousKey(file: file(), lines: keyLines) }
        return key
    }
}
