import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage

/// Looks at certificates wherever they are: in files, on addresses, on standard input.
struct Examiner: Sendable {
    var judge: Judge
    let probe: HandshakeProbe
    /// How long one handshake may take.
    let timeout: Duration
    /// The file of the private key that belongs to the certificates.
    var keyFile: FilePath?
    /// The name to ask an address for; without one, its own.
    var serverName: String?

    /// Takes the rules from `settings`; every certificate must cover `hosts`.
    ///
    /// - Throws: where the file of trust anchors cannot be used.
    init(_ settings: Settings, world: World, hosts: [String]) throws {
        judge = Judge(
            now: world.now(), trust: try settings.check.trustStore(), thresholds: settings.check.thresholds,
            hosts: hosts, privateAnchors: try settings.check.privateAnchorCertificates())
        probe = world.probe
        timeout = settings.check.timeout
    }

    /// What `operand` means; several for a directory, none for a lineage, which has stations too.
    func specimens(of operand: CheckOperand) async -> [Specimen] {
        switch operand {
        case .lineage: []
        case .file(let path): [specimen(at: path)]
        case .directory(let path): specimens(in: path)
        case .address(let address): [await specimen(at: address)]
        case .standardInput: [standardInput()]
        }
    }

    private func specimens(in directory: FilePath) -> [Specimen] {
        do throws(FileError) {
            let files = try CheckOperand.files(in: directory)
            guard files.isEmpty else { return files.map(specimen) }
            let none = Finding(
                .fileMissing, "\(directory): no file of certificates (.pem, .crt, .cer) is there",
                remedy: "see what there is: ls -la \(directory)", location: directory.string)
            return [Specimen(name: directory.string, kind: "a directory", findings: [none])]
        } catch {
            return [Specimen(directory.string, unreadable: error)]
        }
    }

    private func specimen(at path: FilePath) -> Specimen {
        do {
            let contents = try readFile(at: path)
            var found = try specimen(of: contents.bytes, named: path.string, path: path.string)
            let exposed = keyFile == nil && found.hasKey ? KeyExposure(of: path, contents.identity) : nil
            found.findings += [exposed?.finding].compactMap { $0 }
            return found
        } catch {
            return Specimen(path.string, unreadable: error)
        }
    }

    private func standardInput() -> Specimen {
        do {
            return try specimen(of: try readStandardInput(), named: "standard input", path: nil)
        } catch {
            return Specimen("standard input", unreadable: error)
        }
    }

    private func specimen(of bytes: SecretBytes, named name: String, path: String?) throws -> Specimen {
        let parsed = try bytes.withSpan { text throws(PEMError) in try PEMContents(parsing: text, file: name) }
        var keys = parsed.keys
        var exposure: KeyExposure?
        if let keyFile {
            let contents = try readFile(at: keyFile)
            keys.append(
                try contents.bytes.withSpan { text throws(PEMError) in
                    try PEMContents(parsing: text, file: keyFile.string).soleKey(of: keyFile.string)
                })
            exposure = KeyExposure(of: keyFile, contents.identity)
        }
        var found = Specimen(name, certificates: parsed.certificates, keys: keys, judge: judge, path: path)
        found.findings += [exposure?.finding].compactMap { $0 }
        return found
    }

    private func specimen(at address: ProbeAddress) async -> Specimen {
        let asked = serverName ?? address.host
        do throws(ProbeError) {
            let shown = try await probe.handshake(ProbeTarget(address, serverName: asked, timeout: timeout))
            return specimen(of: shown, at: address, asked: asked)
        } catch {
            return Specimen(address.description, unreadable: error)
        }
    }

    private func specimen(of shown: ServedChain, at address: ProbeAddress, asked: String) -> Specimen {
        do throws(CertificateError) {
            var certificates: [Certificate] = []
            for der in shown.certificates { certificates.append(try Certificate(der: der)) }
            var judge = judge
            // Whoever connects there expects the name that it connects to.
            judge.hosts = [asked] + judge.hosts.filter { $0 != asked }
            let chain = Chain(
                leaf: certificates[0], sent: Array(certificates.dropFirst()), trust: judge.trust,
                believing: judge.evidence)
            return Specimen(
                name: address.description, kind: "certificates served there", chain: chain,
                findings: judge.findings(on: chain, at: address.description))
        } catch {
            return Specimen(address.description, unreadable: error)
        }
    }
}
