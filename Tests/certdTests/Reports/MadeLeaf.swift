import CertKit
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// One of the script's cases, read: its leaf, chain, key and bundle, all of fixed dates.
struct MadeLeaf {
    /// What the script makes its certificates around.
    static let now = Date(timeIntervalSince1970: 1_795_392_000)

    let directory: FilePath
    let bundle: Bundle
    var leaf: Certificate { bundle.leaf }

    init(_ name: String, in scratch: ScratchDirectory) async throws {
        try await MadeCertificates.cases([name], in: scratch)
        directory = scratch.file(name)
        let chain = try contents(of: directory.appending("fullchain.pem")).certificates
        let key = try contents(of: directory.appending("privkey.pem")).soleKey(of: "privkey.pem")
        bundle = try Bundle(
            lineage: name, leaf: try #require(chain.first), chain: Array(chain.dropFirst()), key: key)
    }
}

/// A PEM file, parsed.
private func contents(of path: FilePath) throws -> PEMContents {
    try readFile(at: path).bytes.withSpan { text throws(PEMError) in
        try PEMContents(parsing: text, file: path.string)
    }
}
