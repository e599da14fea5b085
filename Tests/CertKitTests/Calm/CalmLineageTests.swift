import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import CertKit

/// When a lineage needs no further look; each rule here, taken out of the reader, lets one case pass that must not.
@Suite struct CalmLineageTests {
    private let made: MadeLineage
    private let trust: TrustStore

    init() async throws {
        made = try await MadeLineage(now: nil)
        try await made.renew(to: 2)
        let root = try readFile(at: made.letsencrypt.appending("pki/root.pem"))
        trust = try Self.store(of: root)
    }

    private static func store(of file: FileContents) throws -> TrustStore {
        try file.bytes.withSpan { text throws(PEMError) in try TrustStore(parsing: text, file: "root.pem") }
    }

    /// Looks an hour after the last change, when all has long been as it is; or at another time.
    private func look(
        after age: TimeInterval = 3600, believing evidence: IssuanceEvidence = .signature,
        parts: LineageParts = .all, thresholds: Thresholds = .standard, trust: TrustStore? = nil,
        recalling signatures: SignatureMemory? = nil
    ) -> CalmLineage? {
        let rules = CalmRules(
            trust: trust ?? self.trust, thresholds: thresholds, evidence: evidence, signatures: signatures,
            parts: parts)
        return LineageMemory(signatures: signatures).calm(
            made.lineage, by: rules, on: Date(timeIntervalSince1970: made.lastChange() / .seconds(1)) + age)
    }

    @Test func `a healthy lineage is calm, and has the dates of its leaf`() async throws {
        let leaf = try await made.read().leaf
        let calm = try #require(look())
        #expect((calm.notBefore, calm.notAfter) == (leaf.notBefore, leaf.notAfter))
        #expect(look(believing: .keyIdentifier, parts: .pair) != nil)
        #expect(look(believing: .keyIdentifier, parts: .fullchain) != nil)
    }

    @Test(arguments: [LineageParts.all, .pair, .fullchain])
    func `what was changed a moment ago is looked at in full`(parts: LineageParts) {
        #expect(look(after: 0, parts: parts) == nil)
        #expect(look(after: 1, parts: parts) == nil)
        #expect(look(after: 5, parts: parts) != nil)
    }

    enum Oddity: String, CaseIterable {
        case linkMissing, linkIsFile, otherNumber, olderChain, otherDirectory, otherKind, update, fileMissing
        case fileIsLink, fileIsFIFO
        case fileIsEmpty, noChain, chainOfAnother, bytesInFullchain, textBehindLeaf, keyOfAnother, keyTwice, keyForAll
        case newerInArchive, noConf, confWithoutAuthenticator, late, brokenSignature, large
    }

    @Test(arguments: Oddity.allCases) func `nothing unusual is calm`(oddity: Oddity) throws {
        let scratch = made.scratch
        func edit(_ names: [String], _ change: (String) -> String) throws {
            for name in names {
                try scratch.write(change(scratch.read(made.archive("\(name)2.pem"))), to: made.archive("\(name)2.pem"))
            }
        }
        /// Those of the settings that do not see it: what is asked of fullchain.pem alone, or of it and the key, is not
        /// answered by the rest of the lineage.
        var unseen: [String] = []
        switch oddity {
        case .linkMissing:
            try scratch.remove(made.live("privkey.pem"))
            unseen = ["dates"]
        case .linkIsFile:
            let text = try scratch.read(made.live("cert.pem"))
            try scratch.remove(made.live("cert.pem"))
            try scratch.write(text, to: made.live("cert.pem"))
            unseen = ["dates", "key"]
        case .otherNumber:
            try made.relink("privkey.pem", to: "../../archive/site/privkey1.pem")
            unseen = ["dates"]
        case .olderChain:
            // The same bytes: nothing but the number tells that certbot is not done.
            try scratch.write(scratch.read(made.archive("chain2.pem")), to: made.archive("chain1.pem"))
            try made.relink("chain.pem", to: "../../archive/site/chain1.pem")
            unseen = ["dates", "key"]
        case .otherDirectory:
            try made.relink("privkey.pem", to: "../../archive/../archive/site/privkey2.pem")
            unseen = ["dates", "key"]
        case .otherKind:
            try made.relink("chain.pem", to: "../../archive/site/cert2.pem")
            unseen = ["dates", "key"]
        case .update:
            try scratch.makeLink(made.live("previous_fullchain.pem"), to: "x")
            unseen = ["dates", "key"]
        case .fileMissing:
            try scratch.remove(made.archive("chain2.pem"))
            unseen = ["dates", "key"]
        case .fileIsLink:
            try scratch.write(scratch.read(made.archive("cert2.pem")), to: "elsewhere")
            try scratch.remove(made.archive("cert2.pem"))
            try scratch.makeLink(made.archive("cert2.pem"), to: scratch.file("elsewhere").string)
            unseen = ["dates", "key"]
        case .fileIsFIFO:
            try scratch.remove(made.archive("fullchain2.pem"))
            try scratch.makeNode(made.archive("fullchain2.pem"), S_IFIFO)
        case .fileIsEmpty:
            try edit(["cert"]) { _ in "" }
            unseen = ["dates", "key"]
        case .noChain:
            try edit(["chain"]) { _ in "" }
            try scratch.write(scratch.read(made.archive("cert2.pem")), to: made.archive("fullchain2.pem"))
        case .chainOfAnother: try edit(["chain", "fullchain"]) { $0 + Self.intermediate(of: $0) }
        case .bytesInFullchain:
            try edit(["fullchain"]) { $0 + "\n" }
            unseen = ["dates", "key"]
        case .textBehindLeaf:
            try edit(["cert"]) { $0 + "# a remark\n" }
            unseen = ["dates", "key"]
        case .keyOfAnother:
            let other = try scratch.read(made.archive("privkey1.pem"))
            try edit(["privkey"]) { _ in other }
            unseen = ["dates"]
        case .keyTwice:
            try edit(["privkey"]) { $0 + $0 }
            unseen = ["dates"]
        case .keyForAll:
            try scratch.setMode(0o644, of: made.archive("privkey2.pem"))
            unseen = ["dates", "key"]
        case .newerInArchive:
            try scratch.write("", to: made.archive("cert3.pem"))
            unseen = ["dates", "key"]
        case .noConf: try scratch.remove("letsencrypt/renewal/site.conf")
        case .confWithoutAuthenticator:
            let path = "letsencrypt/renewal/site.conf"
            try scratch.write(scratch.read(path).replacing("authenticator", with: "#"), to: path)
        case .late:
            let path = "letsencrypt/renewal/site.conf"
            try scratch.write("renew_before_expiry = 3000 days\n" + scratch.read(path), to: path)
        case .large:
            try edit(["cert", "fullchain"]) { String(repeating: "# a remark\n", count: 2000) + $0 }
            unseen = ["dates", "key"]
        case .brokenSignature:
            // The last bytes of the leaf are the signature's.
            let leaf = try scratch.read(made.archive("cert2.pem"))
            let broken = Self.withOtherSignature(leaf)
            try edit(["cert", "fullchain"]) { $0.replacing(leaf, with: broken) }
            unseen = ["names"]
        }
        let late: TimeInterval = oddity == .late ? 20 * 86_400 : 3600
        let seen = [
            ("all", look(after: late)),
            ("dates", look(after: late, parts: .fullchain)),
            ("key", look(after: late, parts: .pair)),
            ("names", look(after: late, believing: .keyIdentifier)),
        ].filter { $0.1 == nil }.map(\.0)
        #expect(seen == ["all", "dates", "key", "names"].filter { !unseen.contains($0) })
    }

    /// The first certificate of a chain once more.
    private static func intermediate(of text: String) -> String {
        let end = "-----END CERTIFICATE-----\n"
        let blocks = text.split(separator: end, omittingEmptySubsequences: true)
        return (blocks.last.map(String.init) ?? "") + end
    }

    private static func withOtherSignature(_ leaf: String) -> String {
        var lines = leaf.split(separator: "\n").map(String.init)
        let place = lines.count - 3
        let changed = lines[place].utf8.map { $0 == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A") }
        // One character in the middle, so that the structure around the numbers stays.
        var bytes = Array(lines[place].utf8)
        bytes[30] = changed[30]
        lines[place] = String(decoding: bytes, as: UTF8.self)
        return lines.joined(separator: "\n") + "\n"
    }

    @Test func `who is to be warned is not calm`() throws {
        let many = try Thresholds(warning: Threshold("400d"), critical: Threshold("1d"))
        #expect(look(thresholds: many) == nil)
        #expect(look(after: 100 * 86_400) == nil, "it has ended")
        #expect(look(after: -100 * 86_400) == nil, "and has not begun, nor have the files")
    }

    @Test func `a chain that no anchor ends is not calm, whoever asked before`() throws {
        let none = try TrustStore(parsing: try made.scratch.read(made.archive("cert2.pem")).utf8Span.span, file: "x")
        #expect(look(trust: none) == nil)
    }

    @Test func `what was verified is remembered, and believed afterwards`() throws {
        let signatures = SignatureMemory()
        #expect(look(recalling: signatures) != nil)
        let recorded = signatures.recorded(forgettingUnused: false)
        let record = try #require(recorded)
        let recalled = SignatureMemory(recorded: record.span)
        let later = try #require(recalled)
        // As the next command does, which knows nothing of what this one found out about anchors.
        let trust = try Self.store(of: readFile(at: made.letsencrypt.appending("pki/root.pem")))
        #expect(look(trust: trust, recalling: later) != nil)
        #expect(later.recorded(forgettingUnused: true) == nil, "nothing is new, and all was asked for")
    }

    @Test func `other clients' directories are looked at in full`() throws {
        let other = try Lineage(made.scratch.path.string, below: made.letsencrypt)
        let rules = CalmRules(
            trust: trust, thresholds: .standard, evidence: .signature, signatures: nil, parts: .all)
        #expect(LineageMemory(signatures: nil).calm(other, by: rules, on: .now + 3600) == nil)
    }
}
