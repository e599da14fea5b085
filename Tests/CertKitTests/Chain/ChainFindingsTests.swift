import CertKit
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// What the rules say of certificates made by one script, with their own root as the trust anchor.
@Suite struct ChainFindingsTests {
    @Test(
        arguments: [
            ("healthy", []), ("healthy-p384", []), ("healthy-p521", []), ("healthy-rsa", []), ("healthy-deep", []),
            ("healthy-160h", []), ("wildcard", []), ("ip-san", []), ("client-auth", []), ("many-names", []),
            ("chain-missing", [FindingID.chainIncomplete]), ("chain-wrong", [.chainBroken]),
            ("chain-namesake", [.chainBroken]), ("chain-reversed", [.chainOrder]), ("root-in-chain", [.rootInChain]),
            ("duplicate-in-chain", [.duplicateInChain]), ("unrelated-in-chain", [.unrelatedInChain]),
            ("self-signed", [.selfSigned]), ("staging", [.stagingIssuer]), ("issuer-not-ca", [.issuerNotCA]),
            ("pathlen-exceeded", [.pathlenExceeded]), ("name-constraint", [.nameConstraint]),
            ("intermediate-expired", [.intermediateExpired, .outlivesIssuer]), ("outlives-issuer", [.outlivesIssuer]),
            ("chain-cut", [.untrusted]), ("ring", [.untrusted]), ("private-root", [.untrusted, .rootInChain]),
            ("weak-key", [.weakKey]), ("weak-exponent", [.weakKey]), ("weak-issuer", [.weakKey]),
            ("weak-signature", [.weakSignature]), ("weak-issuer-signature", [.weakSignature]),
            ("odd-curve", [.oddKeyType]), ("odd-ed25519", [.oddKeyType]), ("refused-dsa", [.oddKeyType]),
        ] as [(String, [FindingID])])
    func `each fault of a chain is found, and nothing else`(name: String, expected: [FindingID]) async throws {
        let made = try await MadeCase(name)
        let chain = Chain(leaf: made.leaf, sent: made.sent, trust: made.trust)
        let found = chain.findings(on: made.now, location: "fullchain.pem").map(\.id)
        #expect(Set(found).isSubset(of: Set(expected)) && (found.first == expected.first), "\(name): \(found)")
        // What is remembered changes nothing of what is found.
        let memory = SignatureMemory()
        for _ in 1...2 {
            let chain = Chain(leaf: made.leaf, sent: made.sent, trust: made.trust, recalling: memory)
            #expect(chain.findings(on: made.now, location: "fullchain.pem").map(\.id) == found)
        }
        // Nor does believing key identifiers, where nobody forged anything.
        let believed = Chain(leaf: made.leaf, sent: made.sent, trust: made.trust, believing: .keyIdentifier)
        #expect(believed.findings(on: made.now, location: "fullchain.pem").map(\.id) == found)
    }

    @Test func `a damaged signature is found by verifying it, and by nothing else`() async throws {
        let made = try await MadeCase("healthy-deep")
        var der = made.leaf.der
        der[der.count - 1] ^= 1
        let leaf = try Certificate(der: der)
        func ids(_ evidence: IssuanceEvidence, _ memory: SignatureMemory) -> [FindingID] {
            Chain(leaf: leaf, sent: made.sent, trust: made.trust, recalling: memory, believing: evidence)
                .findings(on: made.now, location: "fullchain.pem").map(\.id)
        }
        let (verified, unasked) = (SignatureMemory(), SignatureMemory())
        #expect(ids(.signature, verified) == [.chainBroken])
        #expect(ids(.keyIdentifier, unasked) == [])
        #expect(unasked.recorded(forgettingUnused: false) == nil, "nothing was verified")
    }

    @Test(arguments: ["chain-reversed", "root-in-chain", "duplicate-in-chain", "unrelated-in-chain", "healthy-deep"])
    func `a chain is rendered nearest issuer first, without what is not needed`(name: String) async throws {
        let made = try await MadeCase(name)
        let rendered = Chain(leaf: made.leaf, sent: made.sent, trust: made.trust).rendered
        #expect(!rendered.isEmpty)
        for (lower, upper) in zip([made.leaf] + rendered, rendered) { #expect(lower.isSigned(by: upper)) }
        #expect(Set(rendered).count == rendered.count)
        #expect(rendered.count { $0.isSelfSigned } == 0)
    }

    @Test(arguments: [("expired", FindingID.expired), ("not-yet-valid", .notYetValid), ("expiring", .expiring)])
    func `the calendar is read`(name: String, expected: FindingID) async throws {
        let made = try await MadeCase(name)
        let found = made.leaf.timeFindings(on: made.now, thresholds: .standard, location: "cert.pem")
        #expect(found.map(\.id) == [expected])
    }

    @Test func `a leaf is valid through the very second of notAfter, and from that of notBefore`() async throws {
        let leaf = try await MadeCase("healthy").leaf
        func ids(_ date: Date) -> [FindingID] {
            leaf.timeFindings(on: date, thresholds: .standard, location: "cert.pem").map(\.id)
        }
        #expect(ids(leaf.notBefore) == [])
        #expect(ids(leaf.notBefore - 1) == [.notYetValid])
        #expect(ids(leaf.notAfter) == [.expiring])
        #expect(ids(leaf.notAfter + 1) == [.expired])
    }

    @Test func `a leaf without names, or without the names wanted, is told`() async throws {
        let bare = try await MadeCase("no-san").leaf
        #expect(bare.nameFindings(hosts: [], location: "cert.pem").map(\.id) == [.noSAN])
        let leaf = try await MadeCase("healthy").leaf
        #expect(leaf.nameFindings(hosts: ["pbx.example.org"], location: "cert.pem").isEmpty)
        let missing = leaf.nameFindings(hosts: ["pbx.example.org", "sip.example.org"], location: "cert.pem")
        #expect(missing.map(\.id) == [.nameMismatch])
        #expect(missing.first?.message.contains("sip.example.org") == true)
        #expect(missing.first?.message.contains("pbx.example.org") == false)
    }
}
