import CertKit
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// One case of the script, read, with the script's own root as the trust anchor.
struct MadeCase {
    let leaf: Certificate
    let sent: [Certificate]
    let trust: TrustStore
    let now: Date

    init(_ name: String) async throws {
        let directory = try ScratchDirectory()
        try await MadeCertificates.cases([name, "healthy"], in: directory)
        func certificates(_ file: String) throws -> [Certificate] {
            let path = directory.file(file)
            return try readFile(at: path).bytes.withSpan { text throws(PEMError) in
                try PEMContents(parsing: text, file: path.string).certificates
            }
        }
        leaf = try #require(try certificates("\(name)/cert.pem").first)
        sent = Array(try certificates("\(name)/fullchain.pem").dropFirst())
        let root = directory.file("pki/root.pem")
        trust = try readFile(at: root).bytes.withSpan { text throws(PEMError) in
            try TrustStore(parsing: text, file: root.string)
        }
        now = try Date(MadeCertificates.now, strategy: .iso8601)
    }

    /// Put in order, with the root as anchor or without any.
    func chain(isTrusted: Bool = true) -> Chain { Chain(leaf: leaf, sent: sent, trust: isTrusted ? trust : nil) }
}
