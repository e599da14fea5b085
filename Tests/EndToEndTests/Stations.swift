internal import SystemPackage
internal import TestSupport
internal import Testing

/// Which leaf a station holds, as tools other than certd see it.
///
/// SHA-1 because that is what HAProxy tells of the certificates in its memory.
struct SeenLeaf: Equatable, CustomTestStringConvertible {
    let serial: String
    let sha1: String

    var testDescription: String { "\(serial)/\(sha1.prefix(8))" }
}

/// The leaf at each of the four stations of a lineage.
struct Stations: Equatable {
    let lineage: SeenLeaf
    let bundle: SeenLeaf
    let memory: SeenLeaf
    /// By port.
    let wire: [SeenLeaf]

    /// Whether all hold the same leaf.
    var agree: Bool { bundle == lineage && memory == lineage && wire.allSatisfy { $0 == lineage } }
}

extension Stage {
    /// Looks at the four stations of a lineage with openssl and HAProxy's socket.
    func stations(of lineage: String) async throws -> Stations {
        var wire: [SeenLeaf] = []
        for port in [8443, 8444] {
            let handshake = ["s_client", "-connect", "\(address):\(port)", "-servername", lineage]
            wire.append(try await leaf(in: requireTool("openssl", handshake)))
        }
        return Stations(
            lineage: try await lineageLeaf(of: lineage), bundle: try await bundleLeaf(of: lineage),
            memory: try await memoryLeaf(of: lineage), wire: wire)
    }

    /// The leaf that certbot has issued.
    func lineageLeaf(of lineage: String) async throws -> SeenLeaf {
        try await leaf(in: requireTool("cat", [letsencrypt.appending("live/\(lineage)/fullchain.pem").string]))
    }

    /// The leaf on disk, where HAProxy loads it.
    func bundleLeaf(of lineage: String) async throws -> SeenLeaf {
        try await leaf(in: requireTool("cat", [bundle(of: lineage).string]))
    }

    /// The process that serves, as HAProxy says.
    func workerPID() async throws -> String? {
        fields(in: try await ask(haproxy: "show info"))["Pid"]
    }

    private func memoryLeaf(of lineage: String) async throws -> SeenLeaf {
        let fields = fields(in: try await ask(haproxy: "show ssl cert \(bundle(of: lineage))"))
        return SeenLeaf(serial: fields["Serial"] ?? "", sha1: fields["SHA1 FingerPrint"] ?? "")
    }

    private func fields(in answer: String) -> [String: String] {
        let pairs = answer.split(separator: "\n").compactMap { line in
            line.firstIndex(of: ":").map { (String(line[..<$0]), String(line[$0...].drop { ": ".contains($0) })) }
        }
        return Dictionary(pairs) { first, _ in first }
    }

    /// The first certificate in a text.
    private func leaf(in text: String) async throws -> SeenLeaf {
        let said = try await requireTool(
            "openssl", ["x509", "-noout", "-serial", "-fingerprint", "-sha1"], input: text)
        let values = said.split(separator: "\n").compactMap { $0.split(separator: "=").last }
        try #require(values.count == 2, "openssl x509 said \(said)")
        return SeenLeaf(serial: String(values[0]), sha1: values[1].filter { $0 != ":" })
    }
}
