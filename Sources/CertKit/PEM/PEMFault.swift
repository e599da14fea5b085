/// What is wrong with a line of a PEM text.
@nonexhaustive
public enum PEMFault: Sendable, Equatable, CustomStringConvertible {
    /// BEGIN, and then the end of the file or another BEGIN.
    case beginWithoutEnd
    /// END where nothing had begun.
    case endWithoutBegin
    /// END names another label than its BEGIN.
    case endOfAnotherLabel
    /// A BEGIN or END that shares its line with blanks before it or with anything else.
    case crowdedBoundary
    /// Lines that end in a carriage return alone.
    case bareCarriageReturn
    /// Nothing between BEGIN and END.
    case emptyBody
    /// An empty line within the base64.
    case blankLine
    /// A character outside the alphabet, or padding before the end.
    case notBase64
    /// The base64 stops within a group of four characters.
    case cutShort
    /// The last group holds bits that belong to no byte.
    case strayBits
    /// Header lines (RFC 1421) within the block.
    case headers
    /// OpenSSL's own `TRUSTED CERTIFICATE`, which carries settings besides the certificate.
    case trustedCertificate
    /// A block that has no place in such a file.
    case unexpectedBlock(label: String)
    /// The base64 is sound, what it holds is not.
    case unsoundContent(String)

    /// What is wrong, in words.
    public var description: String {
        switch self {
        case .beginWithoutEnd: "a BEGIN line without its END line"
        case .endWithoutBegin: "an END line without its BEGIN line"
        case .endOfAnotherLabel: "the END line names another block than the BEGIN line"
        case .crowdedBoundary: "a BEGIN or END line must stand alone on its line, with nothing before or after it"
        case .bareCarriageReturn: "lines end in a carriage return alone"
        case .emptyBody: "nothing stands between BEGIN and END"
        case .blankLine: "an empty line within the base64"
        case .notBase64: "not base64"
        case .cutShort: "the base64 is cut short"
        case .strayBits: "the base64 ends in stray bits"
        case .headers: "header lines within a block are not read"
        case .trustedCertificate: "a TRUSTED CERTIFICATE is for OpenSSL alone, no server can send it"
        case .unexpectedBlock(let label): "a block named \(label) has no place here"
        case .unsoundContent(let reason): reason
        }
    }
}
