import SystemPackage
import Testing

@testable import CertKit

/// cert.pem and chain.pem need not be parsed where fullchain.pem is the two of them.
@Suite struct CertificateFilesTests {
    private static let texts = [
        "", "\n", "# a remark\n", Sample.leaf, Sample.intermediate, Sample.leaf + Sample.intermediate,
        Sample.leafKey, Sample.leaf + Sample.leafKey, "# a remark\n" + Sample.leaf, Sample.leaf + "# a remark\n",
        String(Sample.leaf.dropLast()), String(Sample.leaf.dropLast(30)), String(Sample.leaf.dropFirst()),
        "x" + Sample.leaf, "\u{FEFF}" + Sample.leaf, Sample.leaf.replacing("\n", with: "\r\n"),
        String(Sample.leaf.dropFirst(28)), String(Sample.leaf.prefix(100)), "-----END CERTIFICATE-----\n",
        Sample.leaf.replacing("-----END", with: "x-----END"), Sample.leafKey + Sample.leaf,
        "-----BEGIN CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
    ]

    @Test func `one file tells what the three tell, or nothing`() throws {
        var told = 0
        for cert in Self.texts {
            for chain in Self.texts {
                let contents = try Self.contents(cert, chain, cert + chain)
                let memory = LineageMemory(signatures: nil)
                guard let joined = CertificateFiles(joined: contents, recalling: memory) else { continue }
                told += 1
                let three = try CertificateFiles(contents, recalling: memory)
                #expect(joined.cert == three.cert)
                #expect(joined.chain == three.chain)
                #expect(joined.fullchain == three.fullchain)
                #expect(joined.withKey == three.withKey)
            }
        }
        #expect(told >= 4, "a leaf or an intermediate, alone or with a chain")
    }

    @Test func `a fullchain.pem that is not the two others is not taken for them`() throws {
        for (cert, chain, fullchain) in [
            (Sample.leaf, Sample.intermediate, Sample.intermediate + Sample.leaf),
            (Sample.leaf, Sample.intermediate, Sample.leaf), (Sample.leaf, "", Sample.leaf + Sample.intermediate),
            (Sample.intermediate, Sample.leaf, Sample.leaf + Sample.intermediate),
        ] {
            let contents = try Self.contents(cert, chain, fullchain)
            #expect(CertificateFiles(joined: contents, recalling: LineageMemory(signatures: nil)) == nil)
        }
    }

    private static func contents(_ cert: String, _ chain: String, _ fullchain: String) throws -> LineageContents {
        try LineageContents(withKey: true) { file in
            let text =
                switch file {
                case .cert: cert
                case .chain: chain
                case .fullchain: fullchain
                case .privkey: Sample.leafKey
                }
            let bytes = Array(text.utf8)
            return FileContents(
                bytes: SecretBytes(copying: bytes.span),
                identity: FileIdentity(inode: 1, size: bytes.count, changed: .zero), path: FilePath(file.name))
        }
    }
}
