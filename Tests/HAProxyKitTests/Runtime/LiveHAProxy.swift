import CertKit
import HAProxyKit
import SystemPackage
import TestSupport

/// A real HAProxy that serves two certificates, and the certificates to replace them by.
struct LiveHAProxy {
    let directory: ScratchDirectory
    let configuration: String
    let process: RunningHAProxy
    let api: RuntimeAPI
    let site: TestCertificate
    let other: TestCertificate
    let renewed: TestCertificate

    /// `extra` is appended to the configuration; `DIR` in it stands for the scratch directory.
    static func start(_ extra: String = "") async throws -> LiveHAProxy {
        let directory = try ScratchDirectory()
        let site = try await TestCertificate.make("site", in: directory, names: ["site.example"])
        let other = try await TestCertificate.make("other", in: directory, names: ["other.example"])
        let renewed = try await TestCertificate.make("renewed", in: directory, names: ["site.example", "new.example"])
        let address = RunningHAProxy.unusedAddress()
        let certificates = "bind \(address) ssl crt \(site.bundle) crt \(other.bundle)\n"
        let configuration =
            "frontend tls\n    " + certificates
            + extra.split(separator: "DIR").joined(separator: directory.path.string)
        let process = try await RunningHAProxy.start(configuration, in: directory)
        return LiveHAProxy(
            directory: directory, configuration: configuration, process: process,
            api: RuntimeAPI(socket: process.socket.string), site: site, other: other, renewed: renewed)
    }

    /// The SHA-1 that `show ssl cert` prints of a certificate.
    func sha1(of certificate: TestCertificate) async throws -> String {
        let line = try await requireTool(
            "openssl", ["x509", "-in", certificate.certificate.string, "-noout", "-fingerprint", "-sha1"])
        return line.filter(\.isHexDigit).suffix(40).lowercased()
    }

    /// The SHA-1 of what HAProxy has loaded as `certificate`.
    func loaded(_ certificate: TestCertificate) async throws -> String? {
        try await api.certificate(named: certificate.name)?.leaf?.sha1
    }
}

extension TestCertificate {
    /// What HAProxy calls it.
    var name: String { bundle.string }
}
