internal import CertKit

extension FileContents {
    /// The file's lines without their line feeds; for text, since these are copies that nobody cleanses.
    var lines: [ArraySlice<UInt8>] {
        let copy = bytes.withSpan { span in span.indices.map { span[$0] } }
        return copy.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    }
}
