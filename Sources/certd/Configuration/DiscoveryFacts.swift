import CertKit
import HAProxyKit

extension LeafFacts {
    /// What a lineage's leaf says of itself.
    init(_ leaf: Certificate) {
        self.init(serial: leaf.serial.description, sha1: hexadecimal(leaf.sha1), names: leaf.dnsNames)
    }

    /// What HAProxy tells of a leaf that it has loaded.
    init(_ leaf: LoadedCertificate.Leaf) {
        self.init(serial: leaf.serial, sha1: leaf.sha1, names: leaf.names)
    }
}
