import FoundationEssentials
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import CertKit

/// What is believed of a lineage that was not touched since it was found calm, and what touching is.
@Suite struct CalmMemoryTests {
    private let made: MadeLineage
    /// An hour after the last change, when all has long been as it is.
    private let now: Date

    init() async throws {
        made = try await MadeLineage(now: nil)
        try await made.renew(to: 2)
        now = Date(timeIntervalSince1970: made.lastChange() / .seconds(1)) + 3600
    }

    /// A look as each command takes it, which knows nothing of what another one found out about chains.
    private func look(
        recalling memory: CalmMemory?, on moment: Date? = nil, believing evidence: IssuanceEvidence = .signature,
        parts: LineageParts = .all, thresholds: Thresholds = .standard, trust name: String = "pki/root.pem",
        times: Int = 2
    ) throws -> CalmLineage? {
        let anchors = try readFile(at: made.letsencrypt.appending(name))
        let trust = try anchors.bytes.withSpan { text throws(PEMError) in try TrustStore(parsing: text, file: name) }
        let rules = CalmRules(
            trust: trust, thresholds: thresholds, evidence: evidence, signatures: nil, parts: parts, memory: memory)
        var found: CalmLineage?
        // Its chain has to be judged in this run before a lineage is believed.
        for _ in 0..<times {
            found = LineageMemory(signatures: nil).calm(made.lineage, by: rules, on: moment ?? now)
        }
        return found
    }

    /// A memory that one look has filled.
    private func filled() throws -> [UInt8] {
        let memory = CalmMemory()
        #expect(try look(recalling: memory, times: 1) != nil)
        let record = memory.recorded(forgettingUnused: true)
        return try #require(record)
    }

    private func memory(of record: [UInt8]) -> CalmMemory { CalmMemory { KeptRecord(copying: record.span) } }

    @Test func `an untouched lineage is not read again once its chain was judged`() throws {
        let record = try filled()
        let later = memory(of: record)
        let known = try #require(try look(recalling: later, times: 1))
        #expect(later.answers == 0, "nobody has judged the chain yet")
        let again = try #require(try look(recalling: later))
        #expect(later.answers == 1)
        #expect((known.notBefore, known.notAfter) == (again.notBefore, again.notAfter))
        #expect(try look(recalling: nil) != nil)
    }

    @Test func `a record that all of which still holds is not written again`() throws {
        let later = memory(of: try filled())
        // The first of the two looks reads the lineage, since its chain was not judged.
        for _ in 1...2 {
            #expect(try look(recalling: later, times: 1) != nil)
            #expect(later.recorded(forgettingUnused: true) == nil)
        }
        let unasked = memory(of: try filled())
        #expect(try look(recalling: unasked, parts: .pair) != nil)
        #expect(unasked.recorded(forgettingUnused: true) == nil)
    }

    @Test(arguments: [
        "chmod 0400 archive/site/privkey2.pem", "chmod 0400 archive/site/cert2.pem", "touch archive/site/chain2.pem",
        "cp -p archive/site/fullchain2.pem x; cat x >archive/site/fullchain2.pem; touch -r x archive/site/fullchain2.pem",
        "cp -p archive/site/chain2.pem x; echo >>x; mv x archive/site/chain2.pem",
        "rm archive/site/cert2.pem", "touch archive/site/cert3.pem", "ln -s x live/site/previous_cert.pem",
        "ln -sf ../../archive/site/cert1.pem live/site/cert.pem", "rm live/site/privkey.pem",
        "mv live/site x; cp -a x live/site", "mv archive/site x; cp -a x archive/site",
        "mv archive x; mkdir archive; cp -a x/site archive", "mv archive/site x; ln -s ../x archive/site",
        "echo >>renewal/site.conf", "mv renewal/site.conf x; cp -p x renewal/site.conf", "rm renewal/site.conf",
    ])
    func `whatever is touched, the lineage is looked at again`(touch: String) async throws {
        let record = try filled()
        let run = try await runTool("sh", ["-c", "cd \(made.letsencrypt) && \(touch)"])
        #expect(run.status == 0)
        let later = memory(of: record)
        let found = try look(recalling: later)
        #expect(later.answers == 0)
        let expected = try look(recalling: nil)
        #expect((found == nil) == (expected == nil))
    }

    @Test func `what was touched a moment ago is not remembered`() throws {
        let moment = now - 3600
        for age in [0.0, 2, 3] {
            let memory = CalmMemory()
            _ = try look(recalling: memory, on: moment + age)
            #expect(memory.recorded(forgettingUnused: false) == nil)
        }
    }

    @Test(arguments: ["renewal/site.conf", "archive/site/README"])
    func `nor where that is something that was not even read`(name: String) throws {
        let memory = CalmMemory()
        let path = made.letsencrypt.appending(name)
        let text = (try? TestSupport.text(of: path)) ?? ""
        try made.scratch.write(text, to: "letsencrypt/\(name)")
        let touched = Date(timeIntervalSince1970: try readFile(at: path).identity.changed / .seconds(1))
        let others = now - 3600 + 4
        // Only where the clock has gone on so far that the rest is old enough.
        if touched - 2 > others {
            #expect(try look(recalling: memory, on: touched) != nil)
            #expect(memory.recorded(forgettingUnused: false) == nil)
        }
    }

    @Test func `what depends on the time and on who is asked is judged anew`() throws {
        let record = try filled()
        func found(
            on moment: Date? = nil, thresholds: Thresholds = .standard, trust: String = "pki/root.pem"
        ) throws -> Bool {
            try look(recalling: memory(of: record), on: moment, thresholds: thresholds, trust: trust) != nil
        }
        #expect(try found())
        let many = try Thresholds(warning: Threshold("400d"), critical: Threshold("1d"))
        #expect(try !found(thresholds: many))
        #expect(try !found(on: now + 100 * 86_400), "it has ended")
        #expect(try !found(on: now - 86_400), "it has not begun")
        #expect(try !found(trust: "archive/site/cert2.pem"), "no anchor ends the chain")
        let leaf = try #require(try look(recalling: nil))
        let late = leaf.notAfter - leaf.notAfter.timeIntervalSince(leaf.notBefore) * 0.26
        #expect(try found(on: late) == (look(recalling: nil, on: late) != nil))
        #expect(try !found(on: leaf.notAfter - 100))
    }

    @Test func `what was believed by key identifiers alone, or read in part, is not remembered`() throws {
        for (evidence, parts) in [
            (IssuanceEvidence.keyIdentifier, LineageParts.all), (.signature, .pair), (.signature, .fullchain),
        ] {
            let memory = CalmMemory()
            #expect(try look(recalling: memory, believing: evidence, parts: parts) != nil)
            #expect(memory.recorded(forgettingUnused: false) == nil)
        }
        let verified = memory(of: try filled())
        #expect(try look(recalling: verified, believing: .keyIdentifier) != nil)
        #expect(verified.answers == 1, "what was verified is believed by whoever asks for less")
    }

    @Test func `an archive elsewhere is read each time`() async throws {
        let run = try await runTool(
            "sh",
            [
                "-c",
                """
                cd \(made.letsencrypt) && mkdir other && mv archive/site other/site && mkdir archive/site &&
                cp -p other/site/* archive/site/ &&
                for kind in cert chain fullchain privkey; do ln -sf ../../other/site/${kind}2.pem live/site/$kind.pem; done
                """,
            ])
        #expect(run.status == 0)
        let memory = CalmMemory()
        #expect(try look(recalling: memory, on: now + 60) != nil)
        #expect(memory.recorded(forgettingUnused: false) == nil)
    }

    @Test func `a record that is odd in any way is not believed`() throws {
        let record = try filled()
        for index in record.indices {
            var flipped = record
            flipped[index] ^= 1
            let later = memory(of: flipped)
            #expect(later.recall(0) == nil)
            #expect(later.recorded(forgettingUnused: true) == nil, "byte \(index) changed")
        }
        for count in 0..<record.count { #expect(memory(of: Array(record.prefix(count))).recall(0) == nil) }
        let gone = CalmMemory { nil }
        #expect(try look(recalling: gone) != nil)
        #expect(gone.answers == 0)
    }

    @Test func `a look at everything forgets what no longer holds`() async throws {
        let record = try filled()
        _ = try await runTool("sh", ["-c", "touch \(made.letsencrypt)/renewal/site.conf"])
        let later = memory(of: record)
        #expect(try look(recalling: later, on: now, times: 1) != nil)
        let renewed = later.recorded(forgettingUnused: true)
        #expect(try #require(renewed).count == record.count, "one lineage, one entry")
        #expect(try #require(renewed) != record)
    }
}
