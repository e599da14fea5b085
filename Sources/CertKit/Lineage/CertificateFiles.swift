/// What the three files of a lineage hold that have certificates in them.
struct CertificateFiles {
    let cert: [Certificate]
    let chain: [Certificate]
    let fullchain: [Certificate]
    /// Those that hold a private key too.
    private(set) var withKey: [LineageFile] = []

    /// Parses each file.
    init(_ contents: LineageContents, recalling memory: LineageMemory) throws(PEMError) {
        let cert = try memory.parse(contents.cert)
        // Without intermediates certbot writes nothing at all.
        let chain = contents.chain.bytes.count == 0 ? nil : try memory.parse(contents.chain)
        let fullchain = try memory.parse(contents.fullchain)
        (self.cert, self.chain) = (cert.certificates, chain?.certificates ?? [])
        self.fullchain = fullchain.certificates
        for (file, parsed) in [(LineageFile.cert, cert), (.chain, chain), (.fullchain, fullchain)]
        where parsed?.keys.isEmpty == false {
            withKey.append(file)
        }
    }

    /// Parses fullchain.pem alone where it is cert.pem followed by chain.pem to the byte, as certbot writes it; nil where it
    /// is not, and where anything is wrong.
    init?(joined contents: LineageContents, recalling memory: LineageMemory) {
        guard let lines = Self.linesBeforeChain(contents), let whole = try? memory.parse(contents.fullchain),
            whole.keys.isEmpty
        else { return nil }
        let place = whole.certificateLines.firstIndex { $0 > lines } ?? whole.certificates.count
        fullchain = whole.certificates
        (cert, chain) = (Array(fullchain[..<place]), Array(fullchain[place...]))
    }

    /// How many lines of fullchain.pem are cert.pem's; nil unless the others are chain.pem's.
    private static func linesBeforeChain(_ contents: LineageContents) -> Int? {
        contents.fullchain.bytes.withSpan { whole in
            contents.cert.bytes.withSpan { cert in
                contents.chain.bytes.withSpan { chain in
                    areJoined(cert, chain, whole) ? cert.count(of: UInt8(ascii: "\n")) : nil
                }
            }
        }
    }

    /// Whether `whole` is `cert` followed by `chain`, and no block of it part of both.
    ///
    /// Where one ends in the line that ends a certificate and the other starts with one that begins one, none is.
    static func areJoined(_ cert: Span<UInt8>, _ chain: Span<UInt8>, _ whole: Span<UInt8>) -> Bool {
        let end: StaticString = "-----END CERTIFICATE-----\n"
        let tail = max(0, cert.count - end.utf8CodeUnitCount)..<cert.count
        return whole.count == cert.count + chain.count && cert.starts(with: end, in: tail)
            && (chain.count == 0 || chain.starts(with: "-----BEGIN CERTIFICATE-----\n", in: 0..<chain.count))
            && whole.equals(0..<cert.count, cert, 0..<cert.count)
            && whole.equals(cert.count..<whole.count, chain, 0..<chain.count)
    }
}

extension Span<UInt8> {
    fileprivate func count(of byte: UInt8) -> Int {
        var (found, start) = (0, 0)
        while let place = firstIndex(of: byte, in: start..<count) { (found, start) = (found + 1, place + 1) }
        return found
    }
}
