internal import COpenSSL

/// The trust anchors that a chain may end in.
public struct TrustStore: Sendable {
    private let source: Source
    /// What was found out about issuers by way of this store.
    let recentIssuers = RecentIssuers()

    private enum Source {
        case directory(AnchorDirectory)
        case list([DistinguishedName: [Certificate]])
    }

    /// The system's store: the hashed directory that libcrypto was built with, or `SSL_CERT_DIR`.
    ///
    /// Only the anchors that are asked for are read; on Debian the package ca-certificates fills it.
    public static func system() -> TrustStore { TrustStore(source: .directory(AnchorDirectory())) }

    private init(source: Source) { self.source = source }

    /// The certificates of a PEM text as anchors: up to 16 MiB, so that a whole system's bundle fits.
    ///
    /// - Throws: ``PEMError`` where any block is not a sound certificate.
    public init(parsing text: Span<UInt8>, file: String) throws(PEMError) {
        var anchors: [DistinguishedName: [Certificate]] = [:]
        for block in try PEMBlock.all(in: text, of: file, sizeLimit: 1 << 24) {
            guard block.isCertificate else {
                throw .unreadable(file: file, line: block.line, .unexpectedBlock(label: block.label))
            }
            let anchor = try block.certificate(in: text, of: file)
            anchors[anchor.subject, default: []].append(anchor)
        }
        source = .list(anchors)
    }

    /// The anchor whose name and key issued `certificate`; nil where there is none.
    ///
    /// Some authorities have several anchors for one key: it is the one that ends last. Says nothing about dates
    /// otherwise: an anchor that has ended is found too.
    ///
    /// `signatures` is asked before a signature is verified, and told of it; `evidence` may make that needless.
    public func anchor(
        issuing certificate: Certificate, recalling signatures: SignatureMemory? = nil,
        believing evidence: IssuanceEvidence = .signature
    ) -> Certificate? {
        recentIssuers.anchor(above: certificate, believing: evidence) {
            search(certificate, recalling: signatures, believing: evidence)
        }
    }

    private func search(
        _ certificate: Certificate, recalling signatures: SignatureMemory?, believing evidence: IssuanceEvidence
    ) -> Certificate? {
        anchors(named: certificate.issuer).sorted { $0.notAfter > $1.notAfter }.first { anchor in
            if evidence.isGiven(by: anchor, for: certificate) { return true }
            return signatures?.holds(certificate, signedBy: anchor.publicKey) { certificate.isSigned(by: anchor) }
                ?? certificate.isSigned(by: anchor)
        }
    }

    /// Whether this very certificate is an anchor.
    public func contains(_ certificate: Certificate) -> Bool {
        anchors(named: certificate.subject).contains(certificate)
    }

    /// The anchors of that name, whatever else they are.
    func anchors(named name: DistinguishedName) -> [Certificate] {
        switch source {
        case .directory(let directory): directory.anchors(named: name)
        case .list(let anchors): anchors[name] ?? []
        }
    }
}

/// Looks anchors up in libcrypto's hashed directory, which it reads lazily and remembers.
///
/// `@unchecked Sendable`: the pointer never changes, and an `X509_STORE` guards what it holds by its own lock.
@safe private final class AnchorDirectory: @unchecked Sendable {
    private let store: OpaquePointer?

    init() {
        ERR_clear_error()
        unsafe store = X509_STORE_new()
        if let lookup = unsafe X509_STORE_add_lookup(store, X509_LOOKUP_hash_dir()) {
            _ = unsafe certd_add_default_directory(lookup)
        }
    }

    deinit { unsafe X509_STORE_free(store) }

    func anchors(named name: DistinguishedName) -> [Certificate] {
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let context = unsafe X509_STORE_CTX_new() else { return [] }
        defer { unsafe X509_STORE_CTX_free(context) }
        let wanted = unsafe name.der.withUnsafeBufferPointer { bytes in
            var cursor = bytes.baseAddress
            return unsafe d2i_X509_NAME(nil, &cursor, bytes.count)
        }
        guard let wanted = unsafe wanted else { return [] }
        defer { unsafe X509_NAME_free(wanted) }
        guard unsafe X509_STORE_CTX_init(context, store, nil, nil) == 1,
            let found = unsafe X509_STORE_CTX_get1_certs(context, wanted)
        else { return [] }
        defer { unsafe certd_free_certificates(found) }
        var anchors: [Certificate] = []
        while let next = unsafe certd_next_certificate(found) {
            // libcrypto reads more leniently than we do; an anchor that is not well formed is none.
            if let anchor = try? unsafe Certificate(der: X509Handle(adopting: next).der) { anchors.append(anchor) }
        }
        return anchors
    }
}
