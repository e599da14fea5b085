import CertKit
import HAProxyKit

extension LeafFacts {
    /// What a lineage's leaf says of itself.
    init(_ leaf: Certificate) {
        self.init(
            serial: leaf.serial.description, sha1: hexadecimal(leaf.sha1), names: leaf.dnsNames,
            algorithm: leaf.algorithm)
    }

    /// What HAProxy tells of a leaf that it has loaded.
    init(_ leaf: LoadedCertificate.Leaf) {
        self.init(serial: leaf.serial, sha1: leaf.sha1, names: leaf.names, algorithm: leaf.algorithm)
    }
}

extension Certificate {
    /// The handshake that only a certificate with a key of this kind can answer.
    var algorithm: ProbeTarget.Algorithm {
        switch publicKey.kind {
        case .rsa: .rsa
        case .ec: .ecdsa
        case .ed25519, .other: .any
        }
    }
}
