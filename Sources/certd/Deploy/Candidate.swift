import CertKit
import FoundationEssentials
import SystemPackage

/// A generation that could be deployed: its bundle, and what the rules say about it.
struct Candidate: Sendable {
    let generation: Generation
    let bundle: Bundle
    let findings: [Finding]

    /// Judges `generation`.
    ///
    /// - Throws: ``BundleError`` for a key that is not the leaf's: that is never deployed, forced or not.
    init(_ generation: Generation, by judge: Judge) throws {
        let chain = Chain(
            leaf: generation.leaf, sent: generation.chain, trust: judge.trust, recalling: judge.signatures,
            believing: judge.evidence)
        self.generation = generation
        bundle = try Bundle(
            lineage: generation.lineage.name, leaf: generation.leaf, chain: chain.rendered, key: generation.key)
        findings = judge.findings(on: chain, of: generation.withoutKey)
    }

    /// The same, where libcrypto, which HAProxy uses too, can load all of it: the last word before it is deployed, forced or
    /// not. Of the chain, which others have too, the judge's memory may know that it was loaded.
    ///
    /// - Throws: what libcrypto refuses, too.
    init(checking generation: Generation, by judge: Judge) throws {
        try self.init(generation, by: judge)
        try bundle.leaf.checkedByLibcrypto()
        for certificate in bundle.chain { try certificate.checkedByLibcrypto(recalling: judge.signatures) }
        try generation.key.checkedByLibcrypto()
    }

    /// The bundle's bytes.
    var rendered: SecretBytes { bundle.rendered() }
}

/// The rules with everything they depend on: the time, the anchors, the thresholds and the names that must be covered.
struct Judge: Sendable {
    let now: Date
    let trust: TrustStore
    let thresholds: Thresholds
    var hosts: [String]
    /// Anchors of CAs of one's own, to which the rules of public ones do not apply.
    var privateAnchors: Set<Certificate> = []
    /// Signatures that need not be verified anew; a deployment begins without any.
    var signatures: SignatureMemory?
    /// What it takes to believe that one certificate issued another.
    var evidence = IssuanceEvidence.signature

    /// What is wrong with a generation.
    func findings(on generation: KeylessGeneration) -> [Finding] {
        findings(
            on: Chain(
                leaf: generation.leaf, sent: generation.chain, trust: trust, recalling: signatures, believing: evidence),
            of: generation)
    }

    fileprivate func findings(on chain: Chain, of generation: KeylessGeneration) -> [Finding] {
        generation.remarks
            + findings(on: chain, at: generation.lineage.directory.appending("fullchain.pem").string)
    }

    /// What is wrong with a leaf and what was sent with it.
    func findings(on chain: Chain, at location: String) -> [Finding] {
        chain.leaf.timeFindings(on: now, thresholds: thresholds, location: location)
            + chain.leaf.nameFindings(hosts: hosts, location: location)
            + chain.leaf.usageFindings(location: location)
            + chain.findings(on: now, location: location)
            + chain.validityFindings(privateAnchors: privateAnchors, location: location)
    }
}

extension Inventory {
    /// How long certbot may be in the middle of an update before that is an error.
    static let deployBound = Duration.seconds(10)
    /// The same where nobody waits for a deployment: `check` tells what it sees.
    static let lookBound = Duration.seconds(2)

    /// The rules for a lineage that must cover `hosts`, now.
    func judge(hosts: [String]) -> Judge {
        Judge(
            now: world.now(), trust: trust, thresholds: settings.check.thresholds, hosts: hosts,
            privateAnchors: privateAnchors)
    }

    /// Reads the generation that `lineage` stands at, or the pair of it that a server is given.
    func generation(
        of lineage: Lineage, within bound: Duration, recalling memory: LineageMemory? = nil,
        reading parts: LineageParts = .all
    ) async throws(LineageError) -> Generation {
        let reader = reader(within: bound, recalling: memory)
        return switch parts {
        case .all: try await reader.read(lineage, on: ContinuousClock())
        case .pair, .fullchain: try await reader.readPair(lineage, on: ContinuousClock())
        }
    }

    /// Reads it without its private key.
    func keylessGeneration(
        of lineage: Lineage, within bound: Duration, recalling memory: LineageMemory? = nil
    ) async throws(LineageError) -> KeylessGeneration {
        try await reader(within: bound, recalling: memory).readWithoutKey(lineage, on: ContinuousClock())
    }

    private func reader(within bound: Duration, recalling memory: LineageMemory?) -> GenerationReader {
        var reader = GenerationReader(bound: bound, date: world.now)
        reader.memory = memory
        return reader
    }
}
