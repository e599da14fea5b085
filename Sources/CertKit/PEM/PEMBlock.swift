/// One `BEGIN … END` block of a PEM text (RFC 7468): it knows where its base64 stands and copies nothing.
public struct PEMBlock: Sendable, Equatable {
    /// What BEGIN and END name, such as `CERTIFICATE`.
    public let label: String
    /// The line of BEGIN, counted from 1.
    public let line: Int
    /// Where the base64 stands in the text, without the BEGIN and END lines; never empty.
    public let body: Range<Int>
}

extension PEMBlock {
    /// The largest PEM file that is read, in bytes: 1 MiB.
    public static let sizeLimit = 1 << 20

    /// Finds every block of `text` in one pass, and accounts for every BEGIN and END in it.
    ///
    /// Text around the blocks, CRLF and a UTF-8 byte-order mark are as good as none. The base64 itself is looked at when a
    /// block is decoded.
    /// - Throws: ``PEMError`` where any block is not whole, or where there is none. Nothing is ever skipped: a reader that
    ///   skips a broken block takes the intermediate for the leaf.
    public static func all(
        in text: Span<UInt8>, of file: @autoclosure () -> String, sizeLimit: Int = PEMBlock.sizeLimit
    ) throws(PEMError) -> [PEMBlock] {
        guard text.count <= sizeLimit else { throw .tooLarge(file: file(), limit: sizeLimit) }
        var scanner = PEMScanner(text)
        var blocks: [PEMBlock] = []
        do throws(PEMScanner.Failure) {
            while let block = try scanner.nextBlock(in: text) { blocks.append(block) }
        } catch {
            switch error {
            case .fault(let fault, let line): throw .unreadable(file: file(), line: line, fault)
            case .encrypted(let line): throw .encryptedKey(file: file(), line: line)
            }
        }
        guard blocks.isEmpty else { return blocks }
        throw text.count == 0 ? .empty(file: file()) : .notPEM(file: file(), looksLike: ForeignFormat(of: text))
    }
}

extension ForeignFormat {
    /// Guesses from the first bytes what stands in a file that holds no block.
    init(of text: Span<UInt8>) {
        let everything = 0..<text.count
        if text.count >= 2, (text[0], text[1]) == (0xff, 0xfe) || (text[0], text[1]) == (0xfe, 0xff) {
            self = .utf16
        } else if text.count >= 2, text[0] == 0x30, text[1] & 0x80 != 0 || Int(text[1]) + 2 == text.count {
            self = .der
        } else if text.firstIndex(of: 0, in: everything) != nil {
            self = .binary
        } else {
            self = .text
        }
    }
}
