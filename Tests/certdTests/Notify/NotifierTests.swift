import CertKit
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// Telling: by a real command, with what it is told kept in the state directory.
@Suite struct NotifierTests {
    private let scratch: ScratchDirectory
    private var heard: FilePath { scratch.file("heard") }

    init() throws { scratch = try ScratchDirectory() }

    private func document(_ message: String = "10 days are left") -> StatusDocument {
        let finding = Finding(.expiring, message, remedy: "certbot renew", location: "/c/a.pem")
        let status = LineageStatus(name: "a.example.org", leaf: nil, stations: [], findings: [finding])
        return StatusDocument(lineages: [status], findings: [], at: MadeLeaf.now)
    }

    private func notifier(_ command: [String], hours: Double = 0) throws -> Notifier {
        let words = command.map { "\"\($0)\"" }.joined(separator: ", ")
        let settings = try load("[notify]\ncommand = [\(words)]\n[paths]\nstate = \"\(scratch.file("state"))\"")
        return Notifier(settings: settings, host: "pbx1", now: MadeLeaf.now + hours * 3600)
    }

    private var writing: [String] { ["dd", "of=\(heard)", "status=none"] }

    @Test func `the command gets one document, and the same is not told again for a day`() async throws {
        #expect(try await notifier(writing).tell(of: document()) == 1)
        #expect(
            try scratch.read("heard") == """
                {"checked_at":"2026-11-23T00:00:00Z","findings":[{"change":"new","id":"expiring",\
                "lineage":"a.example.org","message":"10 days are left","remedy":"certbot renew","severity":"warning",\
                "where":"/c/a.pem"}],"host":"pbx1","schema_version":1,"state":"warning"}

                """)
        #expect(try await notifier(writing, hours: 1).tell(of: document("9 days are left")) == 0)
        #expect(try await notifier(writing, hours: 25).tell(of: document("9 days are left")) == 1)
        #expect(try scratch.read("heard").contains(#""change":"still""#))
    }

    @Test(
        arguments: [(["false"], "exited(1)"), (["certd-has-no-such-program"], "certd-has-no-such-program")])
    func `what could not be told is told the next time`(command: [String], reason: String) async throws {
        do {
            _ = try await notifier(command).tell(of: document())
            Issue.record("nobody was told, and that is no error")
        } catch let error as NotificationError {
            #expect(error.description.contains(reason))
            #expect(error.remedy == "try it by hand: certd notify --dry-run | \(command[0])")
        }
        #expect(try await notifier(writing).tell(of: document()) == 1)
    }

    // By a fake: a minute is long.
    @Test func `a command that does not end is an error`() async throws {
        var notifier = try notifier(["sleep", "600"])
        notifier.run = { _, _ in .late }
        await #expect(throws: NotificationError(command: ["sleep", "600"], how: "not ended within 60.0 seconds")) {
            try await notifier.tell(of: document())
        }
    }

    @Test func `a command that does not listen is told all the same`() async throws {
        // More than a pipe holds.
        let long = document(String(repeating: "x", count: 200_000))
        #expect(try await notifier(["true"]).tell(of: long) == 1)
    }

    @Test func `nobody is told where it cannot be remembered`() async throws {
        try scratch.write("", to: "state")
        await #expect(throws: (any Error).self) { try await notifier(writing).tell(of: document()) }
        #expect(!FileManager.default.fileExists(atPath: heard.string))
    }

    @Test func `a record that is damaged is as good as none`() async throws {
        #expect(try await notifier(writing).tell(of: document()) == 1)
        try scratch.write("{", to: "state/notified.json")
        #expect(try await notifier(writing).tell(of: document()) == 1)
        #expect(try await notifier(writing).tell(of: document()) == 0)
    }
}
