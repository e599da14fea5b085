import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import CertKit
@testable import certd

/// The file of verified signatures: what stands in it counts only if nobody else can have written it.
///
/// Believing is made visible by a record that is wrong: it says that a signature holds that does not.
@Suite struct SignatureFileTests {
    private let program: BuiltProgram
    private var file: FilePath { program.scratch.file("state/verified-signatures") }

    init() async throws {
        program = try await BuiltProgram(lineages: [("a.example.org", [])])
        try FileManager.default.createDirectory(
            atPath: program.scratch.file("state").string, withIntermediateDirectories: false)
        _ = try await program.run(["build"])
    }

    @Test func `what one check verified the next one believes, until it is told not to`() async throws {
        try await breakTheSignature()
        try await forge()
        #expect(try await findings() == false)
        #expect(try await findings(["--no-cache"]) == true)
        #expect(try await findings() == false, "--no-cache leaves the file alone")
    }

    @Test func `a check leaves a file that only its user can read, and writes it once`() async throws {
        #expect(try await program.run(["check"]).status == 0)
        let first = try Stat(file)
        #expect(first.permissions == .ownerReadWrite)
        #expect(try await program.run(["check"]).status == 0)
        #expect(try Stat(file).inode == first.inode, "with nothing new it stays as it is")
        let names = try FileManager.default.contentsOfDirectory(atPath: program.scratch.file("state").string)
        #expect(Set(names) == ["lock", "verified-signatures"])
    }

    @Test func `a look at everything forgets certificates that are gone, a look at one does not`() async throws {
        try await MadeCertificates.lineage("b.example.org", below: program.letsencrypt, now: nil)
        _ = try await program.run(["build"])
        #expect(try await program.run(["check"]).status == 0)
        let both = try Stat(file).size
        #expect(try await program.run(["check", "a.example.org"]).status == 0)
        #expect(try Stat(file).size == both)
        try remove(program.letsencrypt.appending("live/b.example.org"))
        #expect(try await program.run(["check"]).status == 0)
        #expect(try Stat(file).size < both)
    }

    @Test(arguments: [
        "chmod 0640 FILE", "chmod 0400 FILE", "ln FILE FILE.copy", "chown 12345 FILE", "echo >>FILE",
        "mv FILE FILE.kept; mkfifo -m 0600 FILE", "mv FILE FILE.kept; mkdir FILE",
        "mv FILE FILE.kept; ln -s FILE.kept FILE", "chmod 0602 FILE",
    ])
    func `a file that another could have written, or that is odd, is not believed`(change: String) async throws {
        try await breakTheSignature()
        try await forge()
        let run = try await runTool("sh", ["-c", change.replacing("FILE", with: file.string)])
        // Only root may give a file away.
        guard run.status == 0 else { return }
        #expect(try await findings() == true)
    }

    @Test func `what another build has verified is verified again`() async throws {
        try await breakTheSignature()
        let state = program.scratch.file("state")
        let memory = try forged()
        try write(memory, RecordFile("verified-signatures", below: state, by: "certd 0.0.9, OpenSSL 3.0.0"))
        #expect(try await findings() == true)
        // From here on the file is this build's own.
        try await forge()
        #expect(try await findings() == false)
    }

    @Test func `without a state directory the verdict is the same`() async throws {
        try remove(program.scratch.file("state"))
        #expect(try await program.run(["check"]).status == 0)
        #expect(!FileManager.default.fileExists(atPath: program.scratch.file("state").string))
    }

    /// Whether `check` finds that the signature does not hold.
    private func findings(_ options: [String] = []) async throws -> Bool {
        let run = try await program.run(["check", "--json"] + options)
        return run.output.contains(#""id" : "chain-broken""#)
    }

    /// Changes the last byte of the leaf's signature in the lineage's files.
    private func breakTheSignature() async throws {
        let archive = program.letsencrypt.appending("archive/a.example.org")
        var leaf = try chain()[0].der
        leaf[leaf.count - 1] ^= 1
        let broken =
            "-----BEGIN CERTIFICATE-----\n"
            + Data(leaf).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
            + "\n-----END CERTIFICATE-----\n"
        let rest = try text(of: archive.appending("chain1.pem"))
        try broken.write(toFile: archive.appending("cert1.pem").string, atomically: false, encoding: .utf8)
        try (broken + rest).write(
            toFile: archive.appending("fullchain1.pem").string, atomically: false, encoding: .utf8)
    }

    /// Writes a record that says the leaf's signature holds.
    private func forge() async throws {
        try write(forged(), RecordFile("verified-signatures", below: program.scratch.file("state")))
    }

    private func write(_ memory: SignatureMemory, _ file: RecordFile) throws {
        let record = memory.recorded(forgettingUnused: false)
        file.write(try #require(record))
    }

    private func forged() throws -> SignatureMemory {
        let memory = SignatureMemory()
        let chain = try chain()
        for (certificate, issuer) in zip(chain, chain.dropFirst()) {
            _ = memory.holds(certificate, signedBy: issuer.publicKey) { true }
        }
        return memory
    }

    private func chain() throws -> [Certificate] {
        let path = program.letsencrypt.appending("live/a.example.org/fullchain.pem")
        return try readFile(at: path).bytes.withSpan { text throws(PEMError) in
            try PEMContents(parsing: text, file: path.string).certificates
        }
    }
}
