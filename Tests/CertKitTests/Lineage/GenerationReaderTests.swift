import CertKit
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite struct GenerationReaderTests {
    @Test func `a lineage at rest is read at once`() async throws {
        let made = try await MadeLineage()
        let clock = SteppingClock()
        let generation = try await made.read(after: .zero, on: clock)
        #expect(generation.number == 1)
        #expect(generation.leaf.dnsNames == ["site"])
        #expect(generation.chain.count == 1)
        #expect(generation.key.matches(generation.leaf))
        #expect(generation.remarks == [])
        #expect(clock.sleeps == [])
    }

    @Test func `a key that is used again is read through its link in the archive`() async throws {
        let made = try await MadeLineage()
        try await made.renew(to: 2, ["--reuse-key"])
        #expect(try made.scratch.stat(made.archive("privkey2.pem")).type == .symbolicLink)
        let generation = try await made.read()
        #expect(generation.number == 2)
        #expect(generation.remarks == [])
    }

    @Test func `a name that is missing for a moment is waited for`() async throws {
        let made = try await MadeLineage()
        try await made.renew(to: 2, ["--archive-only"])
        try made.scratch.remove(made.live("cert.pem"))
        let clock = SteppingClock { sleeps in
            // The third sleep is the moment in which certbot makes the links.
            guard sleeps == 2 else { return }
            _ = try? made.scratch.makeLink(made.live("cert.pem"), to: "../../archive/site/cert2.pem")
            for name in ["privkey", "chain", "fullchain"] {
                try? made.relink("\(name).pem", to: "../../archive/site/\(name)2.pem")
            }
        }
        let generation = try await made.read(after: .zero, on: clock)
        #expect(generation.number == 2)
        #expect(clock.sleeps == [.milliseconds(1), .milliseconds(2), .milliseconds(4)])
    }

    enum Damage: String, CaseIterable {
        case missing, dangling, mixed, scattered, keyMismatch, torn, empty, leavesDiffer, noCertificate, twoKeys
    }

    @Test(arguments: Damage.allCases)
    func `what stays wrong is named, after waiting or at once where it is old`(damage: Damage) async throws {
        let made = try await MadeLineage()
        try await made.renew(to: 2)
        let (scratch, site) = (made.scratch, "site")
        let archived = scratch.file(made.archive(""))
        let expected: LineageError
        /// Links are waited for as long as may be, contents for two seconds.
        var patience = Duration.seconds(10)
        switch damage {
        case .missing:
            try scratch.remove(made.live("chain.pem"))
            expected = .file(lineage: site, .missing(path: scratch.file(made.live("chain.pem"))))
        case .dangling:
            try scratch.remove(made.archive("chain2.pem"))
            expected = .file(lineage: site, .missing(path: archived.appending("chain2.pem")))
        case .mixed:
            try made.relink("cert.pem", to: "../../archive/site/cert1.pem")
            expected = .mixed(
                lineage: site,
                links: ["cert1.pem", "privkey2.pem", "chain2.pem", "fullchain2.pem"].map { "../../archive/site/\($0)" })
        case .scattered:
            try made.relink("cert.pem", to: "../../archive/other/cert2.pem")
            expected = .mixed(
                lineage: site,
                links: ["other/cert2.pem", "site/privkey2.pem", "site/chain2.pem", "site/fullchain2.pem"]
                    .map { "../../archive/\($0)" })
        case .keyMismatch:
            try scratch.write(scratch.read(made.archive("privkey1.pem")), to: made.archive("privkey2.pem"))
            (expected, patience) = (.keyMismatch(lineage: site), .seconds(2))
        case .torn:
            let text = try scratch.read(made.archive("fullchain2.pem"))
            try scratch.write(String(text.prefix(300)), to: made.archive("fullchain2.pem"))
            let file = archived.appending("fullchain2.pem").string
            (expected, patience) = (
                .pem(lineage: site, .unreadable(file: file, line: 1, .beginWithoutEnd)), .seconds(2)
            )
        case .empty:
            try scratch.write("", to: made.archive("cert2.pem"))
            let file = archived.appending("cert2.pem").string
            (expected, patience) = (.pem(lineage: site, .empty(file: file)), .seconds(2))
        case .leavesDiffer:
            try scratch.write(scratch.read(made.archive("cert1.pem")), to: made.archive("cert2.pem"))
            (expected, patience) = (.leavesDiffer(lineage: site), .seconds(2))
        case .noCertificate:
            try scratch.write(scratch.read(made.archive("privkey2.pem")), to: made.archive("fullchain2.pem"))
            let file = archived.appending("fullchain2.pem").string
            (expected, patience) = (.noCertificate(lineage: site, file: file), .seconds(2))
        case .twoKeys:
            let key = try scratch.read(made.archive("privkey2.pem"))
            try scratch.write(key + key, to: made.archive("privkey2.pem"))
            let file = archived.appending("privkey2.pem").string
            let lines = [1, key.split(separator: "\n").count + 1]
            (expected, patience) = (.pem(lineage: site, .ambiguousKey(file: file, lines: lines)), .seconds(2))
        }
        let waiting = SteppingClock()
        let error = await #expect(throws: LineageError.self) { try await made.read(after: .zero, on: waiting) }
        #expect(error == expected)
        #expect(waiting.now.offset >= patience - .milliseconds(1))
        #expect(waiting.now.offset <= patience + .milliseconds(200))
        #expect(waiting.sleeps.max() == .milliseconds(200))

        let settled = SteppingClock()
        let again = await #expect(throws: LineageError.self) { try await made.read(on: settled) }
        #expect(again == error)
        #expect(settled.sleeps == [])
    }

    @Test func `an update that certbot died in is waited for, and then told`() async throws {
        let made = try await MadeLineage()
        try await made.renew(to: 2)
        try made.scratch.makeLink(made.live("previous_chain.pem"), to: "../../archive/site/chain1.pem")
        let clock = SteppingClock()
        let generation = try await made.read(after: .zero, on: clock)
        #expect(generation.number == 2)
        #expect(generation.remarks.map(\.id) == [.updateStuck])
        #expect(clock.now.offset > .milliseconds(9500))
        let settled = SteppingClock()
        #expect(try await made.read(on: settled).remarks.map(\.id) == [.updateStuck])
        #expect(settled.sleeps == [])
    }

    @Test func `a chain that differs is remarked on, and fullchain is used`() async throws {
        let made = try await MadeLineage()
        try made.scratch.write("", to: made.archive("chain1.pem"))
        let generation = try await made.read()
        #expect(generation.chain.count == 1)
        #expect(generation.remarks.map(\.id) == [.filesDisagree])
        #expect(generation.remarks.map(\.severity) == [.warning])
    }

    @Test func `a certificate without intermediates has an empty chain file`() async throws {
        let made = try await MadeLineage(["--chain", "none"])
        let generation = try await made.read()
        #expect(generation.chain == [])
        #expect(generation.remarks == [])
    }

    @Test func `files where certbot has links are believed once they are at rest, with a warning`() async throws {
        let made = try await MadeLineage()
        let text = try made.scratch.read(made.live("chain.pem"))
        try made.scratch.remove(made.live("chain.pem"))
        try made.scratch.write(text, to: made.live("chain.pem"))
        let clock = SteppingClock()
        let generation = try await made.read(after: .zero, on: clock)
        #expect(generation.number == nil)
        #expect(generation.remarks.map(\.id) == [.liveNotSymlink])
        #expect(clock.now.offset > .milliseconds(1999))
    }

    @Test func `another client's directory has no rules about links`() async throws {
        let made = try await MadeLineage()
        try made.scratch.makeDirectory("acme")
        for name in ["cert", "privkey", "chain", "fullchain"] {
            try made.scratch.write(made.scratch.read(made.live("\(name).pem")), to: "acme/\(name).pem")
        }
        let other = try Lineage(made.scratch.file("acme").string, below: made.letsencrypt)
        let clock = SteppingClock()
        let generation = try await made.read(after: .zero, on: clock, as: other)
        #expect(generation.lineage.name == made.scratch.file("acme").string)
        #expect(generation.remarks == [])
        #expect(clock.now.offset > .milliseconds(1999))
        // A clock that was set back says nothing about how old the files are.
        let behind = SteppingClock()
        _ = try await made.read(after: .seconds(-3600), on: behind, as: other)
        #expect(behind.sleeps == [])
    }

    @Test func `files that another client goes on writing are not believed`() async throws {
        let made = try await MadeLineage()
        try made.scratch.makeDirectory("acme")
        for name in ["cert", "privkey", "chain", "fullchain"] {
            try made.scratch.write(made.scratch.read(made.live("\(name).pem")), to: "acme/\(name).pem")
        }
        try await made.renew(to: 2)
        let other = try Lineage(made.scratch.file("acme").string, below: made.letsencrypt)
        // cert and privkey of the next generation come in the middle, chain and fullchain never do.
        let renewed = Mutex(false)
        let clock = SteppingClock { sleeps in
            guard sleeps == 2 else { return }
            renewed.withLock { $0 = true }
            for name in ["cert", "privkey"] {
                _ = try? made.scratch.write(made.scratch.read(made.live("\(name).pem")), to: "acme/\(name).pem")
            }
        }
        await #expect(throws: LineageError.leavesDiffer(lineage: other.name)) {
            try await made.read(after: .zero, on: clock, as: other)
        }
        #expect(renewed.withLock { $0 })
    }

    @Test func `a fullchain that does not begin with the leaf is told, and read for its leaf`() async throws {
        let made = try await MadeLineage(["--chain", "leaf-last"])
        let generation = try await made.read()
        #expect(generation.remarks.map(\.id) == [.chainOrder])
        #expect(generation.remarks.map(\.severity) == [.critical])
        #expect(generation.key.matches(generation.leaf))
        #expect(generation.chain.count == 1)
        #expect(!generation.chain.contains(generation.leaf))
    }

    @Test func `a lineage that is gone is not waited for`() async throws {
        let made = try await MadeLineage()
        let gone = try Lineage("gone", below: made.letsencrypt)
        let clock = SteppingClock()
        let error = await #expect(throws: LineageError.self) { try await made.read(after: .zero, on: clock, as: gone) }
        #expect(error == .file(lineage: "gone", .missing(path: gone.directory)))
        #expect(error?.findingID == .fileMissing)
        #expect(clock.sleeps == [])
    }

    @Test(.timeLimit(.minutes(1)))
    func `who is cancelled does not wait`() async throws {
        let made = try await MadeLineage()
        try made.scratch.remove(made.live("chain.pem"))
        let started = AsyncStream<Void>.makeStream()
        let reading = Task {
            let clock = SteppingClock { _ in started.continuation.finish() }
            return try await made.read(after: .zero, bound: .seconds(1 << 40), on: clock)
        }
        for await _ in started.stream {}
        reading.cancel()
        await #expect(throws: LineageError.self) { try await reading.value }
    }
}
