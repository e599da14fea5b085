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
        async let https = shown(at: 8443, for: lineage)
        async let lines = shown(at: 8444, for: lineage)
        let texts = try await [lineageText(of: lineage), text(of: bundle(of: lineage)), https, lines]
        // One process for all that are equal, since these looks are many.
        var known: [String: SeenLeaf] = [:]
        for text in Set(try texts.map(firstCertificate)) { known[text] = try await leaf(in: text) }
        let leaves = try texts.map { try #require(known[firstCertificate(in: $0)]) }
        return Stations(
            lineage: leaves[0], bundle: leaves[1], memory: try await memoryLeaf(of: lineage), wire: Array(leaves[2...]))
    }

    /// The leaf that certbot has issued.
    func lineageLeaf(of lineage: String) async throws -> SeenLeaf { try await leaf(in: lineageText(of: lineage)) }

    /// The leaf on disk, where HAProxy loads it.
    func bundleLeaf(of lineage: String) async throws -> SeenLeaf {
        try await leaf(in: text(of: bundle(of: lineage)))
    }

    private func lineageText(of lineage: String) throws -> String {
        try text(of: letsencrypt.appending("live/\(lineage)/fullchain.pem"))
    }

    /// What a handshake shows.
    private func shown(at port: Int, for lineage: String) async throws -> String {
        try await requireTool("openssl", ["s_client", "-connect", "\(address):\(port)", "-servername", lineage])
    }

    /// The process that serves, as HAProxy says.
    func workerPID() async throws -> String? {
        fields(in: try await ask(haproxy: "show info"))["Pid"]
    }

    private func memoryLeaf(of lineage: String) async throws -> SeenLeaf {
        var answer = ""
        // certd may be looking at this very moment, and HAProxy lets one at a time.
        repeat {
            answer = try await ask(haproxy: "show ssl cert \(bundle(of: lineage))")
        } while answer.contains("currently locked")
        let fields = fields(in: answer)
        return SeenLeaf(serial: fields["Serial"] ?? "", sha1: fields["SHA1 FingerPrint"] ?? "")
    }

    private func fields(in answer: String) -> [String: String] {
        let pairs = answer.split(separator: "\n").compactMap { line in
            line.firstIndex(of: ":").map { (String(line[..<$0]), String(line[$0...].drop { ": ".contains($0) })) }
        }
        return Dictionary(pairs) { first, _ in first }
    }

    /// The first certificate in a text.
    private func firstCertificate(in text: String) throws -> String {
        let begin = "-----BEGIN CERTIFICATE-----"
        let end = "-----END CERTIFICATE-----"
        let body = text.split(separator: begin, omittingEmptySubsequences: false).dropFirst().first?
            .split(separator: end).first
        return begin + (try #require(body, "there is no certificate in \(text.prefix(200))")) + end
    }

    /// What openssl says of the first certificate in a text.
    private func leaf(in text: String) async throws -> SeenLeaf {
        let said = try await requireTool(
            "openssl", ["x509", "-noout", "-serial", "-fingerprint", "-sha1"], input: text)
        let values = said.split(separator: "\n").compactMap { $0.split(separator: "=").last }
        try #require(values.count == 2, "openssl x509 said \(said)")
        return SeenLeaf(serial: String(values[0]), sha1: values[1].filter { $0 != ":" })
    }
}
