/// Who issued whom among the certificates of one chain, the leaf first; libcrypto is asked each question once.
///
/// In a hostile chain any certificate may be a possible issuer of any other, so the questions are limited: beyond that
/// nobody has signed anything, and the chain ends there, as a broken one does.
struct Issuance {
    /// How many signatures are verified at most, counted as for a key of usual size: an honest chain needs one for each of
    /// its certificates, and one more for each that shares its name with another.
    static let limit = 128

    /// The leaf and what was sent with it, each once, in the order in which they were sent.
    let certificates: [Certificate]
    /// What need not be verified.
    let memory: SignatureMemory?
    /// What is believed.
    let evidence: IssuanceEvidence
    private let issuers: RecentIssuers
    private var verdicts: [Question: Bool] = [:]
    private var left = Issuance.limit

    /// Whether a key signed a certificate; two certificates of one key (cross-signed ones) are one question.
    private struct Question: Hashable {
        let key: PublicKey
        let subject: Int
    }

    init(
        leaf: Certificate, sent: [Certificate], recalling memory: SignatureMemory? = nil,
        believing evidence: IssuanceEvidence = .signature, issuers: RecentIssuers? = nil
    ) {
        self.memory = memory
        self.evidence = evidence
        self.issuers = issuers ?? RecentIssuers()
        var seen: Set<Certificate> = []
        certificates = ([leaf] + sent).filter { seen.insert($0).inserted }
    }

    /// Where the intermediates stand that issued the certificate at `subject`; roots are none.
    mutating func intermediates(above subject: Int) -> [Int] {
        certificates.indices.dropFirst().filter { $0 != subject && issued($0, subject) && !isRoot($0) }
    }

    /// Whether the certificate at `index` is signed with its own key.
    mutating func isRoot(_ index: Int) -> Bool { certificates[index].isSelfIssued && signed(index, index) }

    private mutating func issued(_ issuer: Int, _ subject: Int) -> Bool {
        certificates[issuer].couldHaveIssued(certificates[subject]) && signed(issuer, subject)
    }

    private mutating func signed(_ issuer: Int, _ subject: Int) -> Bool {
        if evidence.isGiven(by: certificates[issuer], for: certificates[subject]) { return true }
        let key = certificates[issuer].publicKey
        let question = Question(key: key, subject: subject)
        if let known = verdicts[question] { return known }
        left -= key.kind.verificationCost
        guard left >= 0 else { return false }
        let certificate = certificates[subject]
        let verdict =
            memory?.holds(certificate, signedBy: key) { issuers.issuerKey(key)?.signed(certificate) ?? false }
            ?? issuers.issuerKey(key)?.signed(certificate) ?? false
        verdicts[question] = verdict
        return verdict
    }
}

extension PublicKey.Kind {
    /// What verifying a signature costs, in terms of a usual key: the work grows with the square of an RSA modulus.
    fileprivate var verificationCost: Int {
        guard case .rsa(let bits) = self else { return 1 }
        let times = max(1, bits / 4096)
        return times * times
    }
}

extension Certificate {
    /// Whether names and key identifiers allow this certificate to be the issuer of `other` (RFC 5280, 4.2.1.1).
    func couldHaveIssued(_ other: Certificate) -> Bool {
        guard other.namesAsIssuer(self) else { return false }
        guard let expected = other.authorityKeyIdentifier, let own = subjectKeyIdentifier else { return true }
        return expected == own
    }

    /// Whether the certificate is signed with its own key: a root, or a leaf that nobody vouches for.
    public var isSelfSigned: Bool { isSelfIssued && isSigned(by: self) }
}
