import CertKit
import FoundationEssentials
import SystemPackage

/// A certificate that was found somewhere, with all that came with it and what the rules say.
struct Specimen: Sendable {
    /// What the operator called it.
    let name: String
    /// What it is, in a few words.
    var kind: String
    /// The file that it was read from.
    var path: String?
    /// The leaf with what came with it; nil where nothing could be read.
    var chain: Chain?
    /// Whether a private key came with it.
    var hasKey = false
    var findings: [Finding] = []

    /// As a line of the document.
    var status: LineageStatus {
        LineageStatus(name: name, leaf: chain?.leaf, stations: [], findings: findings, path: path)
    }
}

extension Specimen {
    /// Nothing could be read, and `error` says why.
    init(_ name: String, unreadable error: any Error) {
        let finding =
            (error as? any Diagnosis)?.finding
            ?? Finding(.fileUnreadable, "\(error)", remedy: "look at it: certd inspect \(name)")
        self.init(name: name, kind: "unreadable", findings: [finding])
    }

    /// Judges what a file holds: its certificates, and its private keys with the file that each stands in.
    ///
    /// The leaf is the one that a key belongs to, else the first one.
    init(_ name: String, certificates: [Certificate], keys: [PrivateKey], judge: Judge, path: String?) {
        guard let first = certificates.first else {
            self.init(
                name: name, kind: keys.isEmpty ? "nothing" : "a private key", hasKey: !keys.isEmpty,
                findings: [
                    Finding(
                        .pemUnreadable, "no certificate in it",
                        remedy: "name the file that certificate stands in: fullchain.pem",
                        location: path)
                ])
            return
        }
        let matching = certificates.first { leaf in keys.contains { $0.matches(leaf) } }
        let leaf = matching ?? first
        let others = certificates.indices.filter { certificates[$0] != leaf || $0 > 0 && leaf == first }
            .map { certificates[$0] }
        let chain = Chain(
            leaf: leaf, sent: others, trust: judge.trust, recalling: judge.signatures, believing: judge.evidence)
        let place = path ?? name
        self.init(name: name, kind: "", path: path, chain: chain, hasKey: !keys.isEmpty)
        // A file of authorities alone serves nobody as a leaf: it has dates, and no rules for leaves.
        let isOfAuthorities = keys.isEmpty && certificates.allSatisfy(\.isCA)
        kind = isOfAuthorities ? "CA certificates" : keys.isEmpty ? "certificates" : "certificates and a private key"
        findings =
            isOfAuthorities
            ? certificates.flatMap { $0.timeFindings(on: judge.now, thresholds: judge.thresholds, location: place) }
            : judge.findings(on: chain, at: place)
        if !keys.isEmpty, matching == nil {
            findings.append(
                Finding(
                    .keyMismatch, "the private key does not belong to any certificate of it",
                    remedy: "compare their public halves: openssl x509 -noout -pubkey, openssl pkey -pubout",
                    location: place))
        } else if keys.count > 1 {
            findings.append(
                Finding(
                    .keyAmbiguous, "\(keys.count) private keys, and nobody can say which one is used",
                    remedy: "leave one of them: grep -n PRIVATE \(place)", location: place))
        }
        if matching != nil, leaf != first {
            findings.append(
                Finding(
                    .chainOrder,
                    "the leaf is not the first certificate (\(first.subject) is), and a server sends it so",
                    remedy: "put the leaf first, as issued: use certbot's fullchain.pem", location: place))
        }
    }
}
