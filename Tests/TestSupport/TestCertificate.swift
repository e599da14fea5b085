public import CertKit
public import SystemPackage

/// A certificate and its key as files, made by the openssl command for one test.
public struct TestCertificate: Sendable {
    /// The kinds of key that tests ask for, as the openssl command names them.
    public enum Key: String, Sendable, CaseIterable {
        /// NIST P-256.
        case p256 = "ec:P-256"
        /// NIST P-384.
        case p384 = "ec:P-384"
        /// RSA with 2048 bits.
        case rsa2048 = "rsa:2048"
    }

    /// The certificate alone.
    public let certificate: FilePath
    /// The key alone, PKCS#8.
    public let key: FilePath
    /// What HAProxy loads: the certificate and the key, without a chain.
    public let bundle: FilePath

    /// Names files that are there already.
    public init(certificate: FilePath, key: FilePath, bundle: FilePath) {
        self.certificate = certificate
        self.key = key
        self.bundle = bundle
    }

    /// Makes `NAME.crt`, `NAME.key` and `NAME.pem` in `directory`.
    ///
    /// It is valid from now for `days`, and signed by `issuer` or else by itself.
    public static func make(
        _ name: String, in directory: ScratchDirectory, names: [String] = ["localhost"], key: Key = .p256,
        days: Int = 30, issuer: TestCertificate? = nil, isCA: Bool = false
    ) async throws -> TestCertificate {
        let made = TestCertificate(
            certificate: directory.file("\(name).crt"), key: directory.file("\(name).key"),
            bundle: directory.file("\(name).pem"))
        var arguments = ["req", "-x509", "-nodes", "-days", "\(days)", "-subj", "/CN=\(names.first ?? name)"]
        switch key {
        case .p256, .p384: arguments += ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:\(key.rawValue.dropFirst(3))"]
        case .rsa2048: arguments += ["-newkey", key.rawValue]
        }
        arguments += ["-addext", "basicConstraints=critical,CA:\(isCA ? "TRUE" : "FALSE")"]
        if !isCA {
            arguments += ["-addext", "subjectAltName=\(names.map { "DNS:\($0)" }.joined(separator: ","))"]
        }
        if let issuer { arguments += ["-CA", issuer.certificate.string, "-CAkey", issuer.key.string] }
        try await requireTool(
            "openssl", arguments + ["-keyout", made.key.string, "-out", made.certificate.string])
        let parts = try [made.certificate, made.key].map { try directory.read($0.lastComponent?.string ?? "") }
        try directory.write(parts.joined(), to: "\(name).pem")
        return made
    }

    /// The bundle's bytes, as the Runtime API takes them.
    public func bundleBytes() throws -> SecretBytes {
        let descriptor = try FileDescriptor.open(bundle, .readOnly)
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = try descriptor.closeAfter {
            try unsafe bytes.withUnsafeMutableBytes { try unsafe descriptor.read(into: $0) }
        }
        bytes.removeSubrange(count...)
        return SecretBytes(copying: bytes.span)
    }
}
