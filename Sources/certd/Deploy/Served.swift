import CertKit
import FoundationEssentials
import HAProxyKit

/// What clients get now for a lineage, as far as the stations tell: what a new certificate is compared with.
struct Served: Sendable {
    let notBefore: Date
    let notAfter: Date
    let names: [String]
    let isSelfSigned: Bool
    let isForClientAuthentication: Bool
    /// SHA-256 of the leaf, where its DER is known.
    let fingerprint: Fingerprint?
    /// Its number in certbot's archive, where it stands there.
    let generationNumber: Int?
    /// The ids of what the rules say about it, to compare a successor with.
    let findings: Set<FindingID>
    /// What other HAProxy processes, or other addresses, serve for the lineage instead.
    var others: [Served] = []

    /// All that clients may get.
    var each: [Served] { [self] + others }

    /// The part of its lifetime that is left at `now`: 0 to 1, negative after the end.
    func share(leftAt now: Date) -> Double {
        notAfter.timeIntervalSince(now) / max(notAfter.timeIntervalSince(notBefore), 1)
    }
}

extension Served {
    /// Takes the best that the stations tell of each process: a handshake, else HAProxy's memory, and where HAProxy is not
    /// running or none is configured, the bundle. Nil where nothing is served.
    ///
    /// The archive of `generation` may hold what is served.
    init?(_ look: Observation, generation: Generation, judge: Judge) {
        var found: [Served] = []
        var seen: Set<String> = []
        for shown in look.wire.lazy.filter(\.isProvable).compactMap({ try? $0.served.get() }) {
            guard let chain = Chain(shown, trust: judge.trust, recalling: judge.signatures),
                seen.insert(hexadecimal(chain.leaf.sha1)).inserted
            else {
                continue
            }
            found.append(Served(chain, archive: generation.archive, judge: judge))
        }
        let installed = look.bundle.installed.flatMap { installed in
            installed.leaf.map {
                Chain(leaf: $0, sent: installed.chain, trust: judge.trust, recalling: judge.signatures)
            }
        }
        for loaded in look.memory.lazy.filter({ !$0.needsListing }).compactMap({ $0.certificate?.leaf })
        where seen.insert(loaded.sha1).inserted {
            if let installed, loaded.sha1 == hexadecimal(installed.leaf.sha1) {
                found.append(Served(installed, archive: generation.archive, judge: judge))
            } else {
                found.append(Served(loaded, archive: generation.archive, judge: judge))
            }
        }
        if found.isEmpty, let installed, look.memory.allSatisfy(\.isDown) {
            found.append(Served(installed, archive: generation.archive, judge: judge))
        }
        guard let first = found.first else { return nil }
        self = first
        others = Array(found.dropFirst())
    }

    /// What is served is known by its DER.
    private init(_ chain: Chain, archive: LineageArchive?, judge: Judge) {
        let leaf = chain.leaf
        self.init(
            notBefore: leaf.notBefore, notAfter: leaf.notAfter, names: leaf.names.map(\.description),
            isSelfSigned: leaf.isSelfSigned, isForClientAuthentication: leaf.isForClientAuthentication,
            fingerprint: leaf.fingerprint, generationNumber: (try? archive?.number(of: leaf)) ?? nil,
            findings: Set(judge.findings(on: chain, at: "").map(\.id)))
    }

    /// What is served is known only by what HAProxy tells of it, unless it stands in the archive.
    private init(_ loaded: LoadedCertificate.Leaf, archive: LineageArchive?, judge: Judge) {
        if let archived = try? archive?.generation(where: { hexadecimal($0.sha1) == loaded.sha1 }) {
            let chain = Chain(
                leaf: archived.leaf, sent: archived.chain, trust: judge.trust, recalling: judge.signatures)
            self.init(chain, archive: archive, judge: judge)
            return
        }
        self.init(
            notBefore: loaded.notBefore, notAfter: loaded.notAfter, names: loaded.names,
            isSelfSigned: loaded.subject == loaded.issuer, isForClientAuthentication: false, fingerprint: nil,
            generationNumber: nil, findings: loaded.notAfter < judge.now ? [.expired] : [])
    }
}

extension Chain {
    /// What a server sent, where all of it can be read.
    fileprivate init?(_ shown: ServedChain, trust: TrustStore, recalling signatures: SignatureMemory?) {
        let certificates = shown.certificates.compactMap { try? Certificate(der: $0) }
        guard certificates.count == shown.certificates.count, let leaf = certificates.first else { return nil }
        self.init(leaf: leaf, sent: Array(certificates.dropFirst()), trust: trust, recalling: signatures)
    }
}
