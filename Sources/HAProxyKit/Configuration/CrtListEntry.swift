/// One line of a crt-list: a certificate, and the names it is limited to.
struct CrtListEntry: Equatable {
    let certificate: String
    /// Names and wildcards, `!` before those that are excluded; empty where the certificate's own names count.
    let filters: [String]

    /// Reads a line `FILE [OPTION …] FILTER …`; nil where it is empty or a comment.
    ///
    /// There are no quotes and no escapes here, and `#` begins a comment at the start of a line only (HAProxy 2.6.12).
    init?(_ line: some Collection<UInt8>) {
        guard line.first != UInt8(ascii: "#") else { return nil }
        let text = String(decoding: line, as: UTF8.self)
        // The brackets around the options are separators too: `file.pem[alpn h2]name` is three parts.
        let beforeOptions = text.prefix { $0 != "[" }
        let afterOptions = text.drop { $0 != "]" }.dropFirst()
        let words = beforeOptions.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let certificate = words.first else { return nil }
        self.certificate = certificate
        let filters = beforeOptions.endIndex == text.endIndex ? Array(words.dropFirst()) : []
        self.filters = filters + afterOptions.split(whereSeparator: \.isWhitespace).map(String.init)
    }
}
