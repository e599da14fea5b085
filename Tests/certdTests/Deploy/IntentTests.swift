import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// A transaction stands open when certd comes: only a note of certd's own tells whose it is.
@Suite struct IntentTests {
    /// What is wrong with a note, if anything.
    enum Note: CaseIterable { case none, otherProcess, otherBoot, otherName, otherSocket }

    /// A rig with a transaction open for its bundle, as between certd's set and commit.
    private func opened() async throws -> Rig {
        let rig = try await Rig()
        try await rig.renew()
        let other = try await TestCertificate.make("other", in: rig.scratch)
        let answer = try await rig.api.send("set ssl cert \(rig.bundle)", other.bundleBytes())
        try #require(answer.contains("Transaction created"))
        return rig
    }

    private func note(_ note: Note?, in rig: Rig) async throws {
        let process = try await rig.api.processInfo().pid
        let state = StateDirectory(path: rig.state)
        try await state.lock(within: .seconds(1)).release()
        guard note != Note.none else { return }
        let intent = StateDirectory.Intent(
            socket: note == .otherSocket ? "/run/other.sock" : rig.socket.string,
            name: note == .otherName ? "/etc/other.pem" : rig.bundle.string, sha256: "",
            bootID: note == .otherBoot ? "another" : StateDirectory.currentBootID,
            haproxyProcessID: note == .otherProcess ? process + 1 : process, processID: 1)
        try state.note([intent])
    }

    @Test func `one that a killed certd left open is aborted, and the deployment goes on`() async throws {
        let rig = try await opened()
        try await note(nil, in: rig)

        try await rig.deploy()

        try await rig.expectInStep(2)
    }

    @Test(arguments: Note.allCases)
    func `one that no note explains is left alone`(wrong: Note) async throws {
        let rig = try await opened()
        try await note(wrong, in: rig)

        let error = await rig.refusal()

        #expect(error?.findingID == .transactionOpen)
        #expect(error?.description.contains("nothing was changed") == true)
        #expect(try await rig.api.openTransaction() == rig.bundle.string)
        #expect(try await rig.stations() == .all(rig.sha1(of: 1)))
    }

    @Test func `a note whose commit went through is forgotten, though nothing is left to do`() async throws {
        let rig = try await Rig()
        try await rig.deploy()
        try await note(nil, in: rig)

        let report = try await rig.deploy()

        #expect(report.outcome == .nothingToDo)
        try await rig.expectInStep(1)
    }

    @Test func `a note does not explain another client's transaction once its own is over`() async throws {
        let rig = try await Rig()
        try await note(nil, in: rig)
        try await rig.deploy()
        try await rig.renew()
        let other = try await TestCertificate.make("other", in: rig.scratch)
        _ = try await rig.api.send("set ssl cert \(rig.bundle)", other.bundleBytes())

        let error = await rig.refusal()

        #expect(error?.findingID == .transactionOpen)
        #expect(try await rig.api.openTransaction() == rig.bundle.string)
    }

    @Test func `a note stays while nobody can tell whether its transaction is over`() async throws {
        let rig = try await Rig()
        try await rig.renew()
        let sent = Sent()

        let error = await rig.refusal(
            .acting(before: { command throws(RuntimeError) in
                if command.hasPrefix("commit") { sent.note(command) }
                if !sent.all.isEmpty { throw .closed(socket: rig.socket.string, command: command) }
            }))

        #expect(error != nil)
        #expect(StateDirectory(path: rig.state).intents().map(\.name) == [rig.bundle.string])
        try await rig.deploy()
        try await rig.expectInStep(2)
    }

    @Test func `files that killed runs left are removed`() async throws {
        let rig = try await Rig()
        try await rig.renew()
        try await rig.deploy()
        for path in [
            rig.bundles.appending(".\(rig.name).pem.certd-new-1"), rig.state.appending(".intents.json.certd-new-1"),
        ] {
            try "left".write(toFile: path.string, atomically: false, encoding: .utf8)
        }
        try await rig.renew(3)

        try await rig.deploy()

        try await rig.expectInStep(3)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: rig.state.string).filter { $0.hasPrefix(".") } == [])
    }
}
