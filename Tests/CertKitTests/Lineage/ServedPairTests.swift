import CertKit
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// What is read where only fullchain.pem, or it and the key, were asked for. A number tells that it was the whole lineage.
@Suite struct ServedPairTests {
    enum Damage: String, CaseIterable {
        case none, chainMissing, certOfBefore, keyOfBefore, keyMissing, keyInFullchain, fullchainOfBefore,
            fullchainTorn, changedJustNow
    }

    @Test(arguments: Damage.allCases)
    func `nothing but what was asked for has to be sound`(damage: Damage) async throws {
        let made = try await MadeLineage()
        try await made.renew(to: 2)
        var age = Duration.seconds(3600)
        /// What the two ways of reading see: the number of the whole lineage, nil for a sound part of it, or what is wrong.
        let (certificates, pair): (Seen, Seen)
        switch damage {
        case .none: (certificates, pair) = (.part, .part)
        case .chainMissing:
            try made.scratch.remove(made.live("chain.pem"))
            (certificates, pair) = (.part, .part)
        case .certOfBefore:
            try made.relink("cert.pem", to: "../../archive/site/cert1.pem")
            (certificates, pair) = (.part, .part)
        case .keyOfBefore:
            try made.relink("privkey.pem", to: "../../archive/site/privkey1.pem")
            (certificates, pair) = (.part, .wrong("generation-mixed"))
        case .keyMissing:
            try made.scratch.remove(made.archive("privkey2.pem"))
            (certificates, pair) = (.part, .wrong("file-missing"))
        case .keyInFullchain:
            let text = try made.scratch.read(made.archive("fullchain2.pem"))
            let key = try made.scratch.read(made.archive("privkey2.pem"))
            try made.scratch.write(text + key, to: made.archive("fullchain2.pem"))
            (certificates, pair) = (.whole, .whole)
        case .fullchainOfBefore:
            try made.relink("fullchain.pem", to: "../../archive/site/fullchain1.pem")
            (certificates, pair) = (.part, .wrong("generation-mixed"))
        case .fullchainTorn:
            let text = try made.scratch.read(made.archive("fullchain2.pem"))
            try made.scratch.write(String(text.prefix(300)), to: made.archive("fullchain2.pem"))
            (certificates, pair) = (.wrong("pem-unreadable"), .wrong("pem-unreadable"))
        case .changedJustNow:
            age = .seconds(1)
            (certificates, pair) = (.whole, .whole)
        }
        let reader = made.reader(after: age)
        #expect(
            await seen { () throws(LineageError) in try await reader.readWithoutKey(made.lineage, on: SteppingClock()) }
                == certificates)
        #expect(
            await seen { () throws(LineageError) in
                try await reader.readPair(made.lineage, on: SteppingClock()).withoutKey
            } == pair)
    }

    @Test func `the pair holds what the whole lineage holds`() async throws {
        let made = try await MadeLineage()
        let (whole, reader) = (try await made.read(), made.reader(after: .seconds(3600)))
        let pair = try await reader.readPair(made.lineage, on: SteppingClock())
        #expect((pair.leaf, pair.chain) == (whole.leaf, whole.chain))
        #expect(pair.key.matches(whole.leaf))
        #expect((pair.number, pair.archive) == (nil, nil))
        let certificates = try await reader.readWithoutKey(made.lineage, on: SteppingClock())
        #expect((certificates.leaf, certificates.chain) == (whole.leaf, whole.chain))
    }

    @Test func `another client's directory is read as a whole, since no links hold it together`() async throws {
        let made = try await MadeLineage()
        try made.scratch.makeDirectory("own")
        for file in ["cert", "privkey", "chain", "fullchain"] {
            try made.scratch.write(made.scratch.read(made.archive("\(file)1.pem")), to: "own/\(file).pem")
        }
        let own = try Lineage(made.scratch.file("own").string, below: made.letsencrypt)
        let reader = made.reader(after: .seconds(3600), of: own)
        let certificates = try await reader.readWithoutKey(own, on: SteppingClock())
        #expect(certificates.leaf == (try await made.read().leaf))
        let other = try made.scratch.read(made.archive("privkey1.pem"))
        try made.scratch.write(other, to: "own/chain.pem")
        #expect(try await reader.readWithoutKey(own, on: SteppingClock()).remarks.map(\.id) == [.filesDisagree])
    }

    private enum Seen: Equatable {
        case part, whole, wrong(String)
    }

    private func seen(_ read: () async throws(LineageError) -> KeylessGeneration) async -> Seen {
        do {
            return try await read().number == nil ? .part : .whole
        } catch {
            return .wrong(error.findingID.rawValue)
        }
    }
}
