import CertKit
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// The rules of chains held against `openssl verify`, on every certificate that the script makes.
@Suite struct ChainOracleTests {
    @Test func `what openssl verify accepts has a path, and what it refuses is told`() async throws {
        let cases = try await AllCases()
        for name in cases.names {
            let chain = try cases.chain(name)
            let findings =
                chain.leaf.timeFindings(on: cases.now, thresholds: .standard, location: "")
                + chain.findings(on: cases.now, location: "")
            // A staging authority is as good as any to openssl, and so is a leaf about to end, or what browsers call weak.
            let tolerated: [FindingID] = [.stagingIssuer, .expiring, .weakKey, .weakSignature]
            let serious = findings.filter {
                ($0.severity == .critical || $0.id == .chainOrder) && !tolerated.contains($0.id)
            }
            if try await cases.isAccepted(name) {
                #expect(chain.anchor != nil, "\(name)")
                #expect(!serious.contains { $0.severity == .critical }, "\(name): \(serious)")
            } else {
                #expect(chain.anchor == nil || !serious.isEmpty, "\(name)")
            }
        }
    }

    @Test(
        arguments: [
            // An anchor issued the leaf: nothing else needs to be sent.
            ("root-issued", []),
            ("upper-namesake", [FindingID.chainBroken, .unrelatedInChain]),
            // What is missing above may be known to nobody, but nothing that was sent is wrong.
            ("chain-cut", [.untrusted]), ("ring", [.untrusted]),
            ("cross-signed", []), ("cross-signed-expired", []), ("root-cross-signed-expired", []),
            ("cross-signed-first", [.chainOrder]), ("cross-signed-above", [.chainOrder]),
            ("rolled-over", []), ("intermediate-future", [.notYetValid]),
            ("intermediate-name-constraint", [.nameConstraint]),
        ] as [(String, [FindingID])])
    func `unusual chains are understood`(name: String, expected: [FindingID]) async throws {
        let cases = try await AllCases([name, "healthy"])
        let found = try cases.chain(name).findings(on: cases.now, location: "").map(\.id)
        #expect(found == expected)
    }

    @Test(arguments: ["cross-signed", "cross-signed-first", "cross-signed-expired", "cross-signed-above"])
    func `where two orders are right, what was sent is kept`(name: String) async throws {
        let cases = try await AllCases([name, "healthy"])
        let chain = try cases.chain(name)
        #expect(chain.isAmbiguous)
        #expect(chain.rendered == chain.sent)
        // The same without a store, so that a bundle's bytes do not depend on it.
        #expect(Chain(leaf: chain.leaf, sent: chain.sent, trust: nil).rendered == chain.sent)
    }

    @Test func `a path ends at the anchor, and what stands above it binds nobody`() async throws {
        let cases = try await AllCases(["root-cross-signed-expired", "healthy"])
        let chain = try cases.chain("root-cross-signed-expired")
        #expect(chain.path.count == 2)
        #expect(chain.needed.count == 1)
    }

    @Test func `a leaf that is sent last is no leaf, and its own file says so`() async throws {
        let cases = try await AllCases(["leaf-last"])
        let sent = try cases.certificates("leaf-last/fullchain.pem")
        let leaf = try #require(try cases.certificates("leaf-last/cert.pem").first)
        #expect(sent.first != leaf)
        #expect(sent.last == leaf)
    }
}

/// Cases of the script in one directory, under one root.
private struct AllCases {
    let scratch: ScratchDirectory
    let names: [String]
    let now: Date
    private let trust: TrustStore

    init(_ some: [String]? = nil) async throws {
        scratch = try ScratchDirectory()
        now = try Date(MadeCertificates.now, strategy: .iso8601)
        if let some { names = some } else { names = try await MadeCertificates.allCases() }
        try await MadeCertificates.cases(names, in: scratch)
        let root = scratch.file("pki/root.pem")
        trust = try readFile(at: root).bytes.withSpan { text throws(PEMError) in
            try TrustStore(parsing: text, file: root.string)
        }
    }

    func certificates(_ file: String) throws -> [Certificate] {
        let contents = try readFile(at: scratch.file(file))
        guard contents.bytes.count > 0 else { return [] }
        return try contents.bytes.withSpan { text throws(PEMError) in
            try PEMContents(parsing: text, file: file).certificates
        }
    }

    func chain(_ name: String) throws -> Chain {
        let leaf = try #require(try certificates("\(name)/cert.pem").first)
        return Chain(leaf: leaf, sent: try certificates("\(name)/chain.pem"), trust: trust)
    }

    func isAccepted(_ name: String) async throws -> Bool {
        let sent = try readFile(at: scratch.file("\(name)/chain.pem")).bytes.count > 0
        return try await runTool(
            "openssl",
            ["verify", "-CAfile", scratch.file("pki/root.pem").string, "-attime", "\(Int(now.timeIntervalSince1970))"]
                + (sent ? ["-untrusted", scratch.file("\(name)/chain.pem").string] : [])
                + [scratch.file("\(name)/cert.pem").string]
        ).succeeded
    }
}
