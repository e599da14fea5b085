import CertKit

extension Certificate {
    /// The certificate of a sample text.
    static func sample(_ text: String) throws(PEMError) -> Certificate {
        let bytes = Array(text.utf8)
        let block = try PEMBlock.all(in: bytes.span, of: "sample.pem")[0]
        return try block.certificate(in: bytes.span, of: "sample.pem")
    }
}

extension PrivateKey {
    /// The one key of a sample text.
    static func sample(_ text: String) throws(PEMError) -> PrivateKey {
        try PEMContents(parsing: Array(text.utf8).span, file: "sample.pem").soleKey(of: "sample.pem")
    }
}
