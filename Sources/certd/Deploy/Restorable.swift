import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage

/// Finds the PEM of what HAProxy had loaded before: the only thing that a rollback may bring back.
struct Restorable: Sendable {
    let lineage: Lineage
    /// What stood at the bundle's path.
    let installed: InstalledBundle?
    let archive: LineageArchive?
    /// A certificate that is over, or not valid yet, is not brought back.
    let now: Date

    /// A certificate with its chain and its own key.
    struct PEM: Sendable {
        let bundle: Bundle
        /// As the Runtime API takes it.
        let bytes: SecretBytes

        var fingerprint: Fingerprint { bundle.leaf.fingerprint }
        /// What HAProxy shows of it.
        var sha1: String { hexadecimal(bundle.leaf.sha1) }
    }

    /// The PEM of `leaf`; nil where it is nowhere, or not valid.
    ///
    /// Rendered anew: a bundle put together by hand may hold empty lines and comments, which the Runtime API does not take.
    func pem(of leaf: LoadedCertificate.Leaf) -> PEM? {
        guard leaf.notBefore <= now, now <= leaf.notAfter else { return nil }
        let isIt = { (certificate: Certificate) in hexadecimal(certificate.sha1) == leaf.sha1 }
        if let installed, let own = installed.leaf, isIt(own), let key = installed.soleKey,
            let pem = PEM(own, installed.chain, key, lineage.name)
        {
            return pem
        }
        guard let archived = try? archive?.generation(where: isIt) else { return nil }
        let chain = Chain(leaf: archived.leaf, sent: archived.chain, trust: nil).rendered
        return PEM(archived.leaf, chain, archived.key, lineage.name)
    }
}

extension Restorable.PEM {
    fileprivate init?(_ leaf: Certificate, _ chain: [Certificate], _ key: PrivateKey, _ lineage: String) {
        guard let bundle = try? Bundle(lineage: lineage, leaf: leaf, chain: chain, key: key) else { return nil }
        self.init(bundle: bundle, bytes: bundle.rendered())
    }
}
