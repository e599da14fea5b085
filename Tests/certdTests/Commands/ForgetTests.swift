import CertKit
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// `certd forget` and `lineage-removed` as they are typed and read.
@Suite struct ForgetTests {
    private let name = "a.example.org"

    /// Two lineages, both deployed, of which the first has been deleted.
    private func program(first options: [String] = ["--not-after=+80d"]) async throws -> BuiltProgram {
        let program = try await BuiltProgram(lineages: [(name, options), ("b.example.org", ["--not-after=+80d"])])
        #expect(try await program.run(["deploy", "--force"]).status == 0)
        #expect(try await program.run(["check"]).output.contains("lineage-removed") == false)
        for kind in ["live", "archive"] { try remove(program.letsencrypt.appending("\(kind)/\(name)")) }
        return program
    }

    private func hasBundle(_ program: BuiltProgram) -> Bool {
        FileManager.default.fileExists(atPath: program.scratch.file("certs/\(name).pem").string)
    }

    @Test func `a deleted lineage is told until it is forgotten, and its bundle stays until then`() async throws {
        let program = try await program()
        #expect(try await program.run(["deploy"]).status == 0)
        #expect(hasBundle(program))
        for arguments in [["check"], ["check", name], ["check", "-o", "nagios"], ["check", "-o", "json"]] {
            let check = try await program.run(arguments)
            #expect(check.status == 1 && check.output.contains("lineage-removed"), "\(arguments)")
            #expect(check.output.contains("certd forget \(name)"), "\(arguments)")
        }
        #expect(try await program.run(["check", "--only", "time"]).status == 0)
        let status = try await program.run(["status", name])
        #expect(status.status == 0 && status.output.contains("certbot has deleted it"))

        let run = try await program.run(["forget", name])
        #expect(run.status == 0 && run.errors.isEmpty)
        #expect(run.output.hasSuffix("certs/\(name).pem\n\(name): forgotten\n"))
        #expect(!hasBundle(program))
        #expect(try await program.run(["check"]).status == 0)
        #expect(try await program.run(["history", name]).output.contains("deployed"))
        #expect(try await program.run(["forget", name]).status == 2)
    }

    @Test func `what is there, or has never been, is not forgotten`() async throws {
        let program = try await program()
        let there = try await program.run(["forget", "b.example.org"])
        #expect(there.status == 1 && there.errors.contains("certbot delete --cert-name b.example.org"))
        #expect(try await program.run(["check", "b.example.org"]).status == 0)
        let mistyped = try await program.run(["forget", "a.example.og"])
        #expect(mistyped.status == 2 && mistyped.errors.contains("did you mean \(name)?"))
        #expect(try await program.run(["forget"]).status == 2)
        #expect(hasBundle(program))
    }

    @Test func `once what is left has expired, that is told too`() async throws {
        let program = try await program(first: ["--not-before=-90d", "--not-after=-1d"])
        let check = try await program.run(["check"])
        #expect(check.status == 2 && check.output.contains("expired") && check.output.contains("lineage-removed"))
        #expect(try await program.run(["forget", name]).status == 0)
        #expect(try await program.run(["check"]).status == 0)
    }

    @Test func `where certbot's directory is out of sight nothing is called deleted`() async throws {
        let program = try await program()
        try FileManager.default.moveItem(
            atPath: program.letsencrypt.appending("live").string, toPath: program.scratch.file("away").string)
        let check = try await program.run(["check"])
        #expect(check.status == 3 && !check.output.contains("lineage-removed"))
        #expect(try await program.run(["forget", name]).status != 0)
        #expect(hasBundle(program))
    }

    @Test func `its entry in the configuration keeps nothing, and is told of`() async throws {
        let program = try await program()
        let bundle = program.scratch.file("certs/\(name).pem")
        let toml = try program.scratch.read("certd.toml")
        try program.scratch.write(
            toml + "\n[[bundle]]\nlineage = \"\(name)\"\npath = \"\(bundle)\"", to: "certd.toml")
        let check = try await program.run(["check", name])
        #expect(check.status == 1 && check.output.contains("lineage-removed"))
        let run = try await program.run(["forget", name])
        #expect(run.status == 0 && run.output.contains("its [[bundle]] entry is still in certd.toml"))
        #expect(!hasBundle(program))
    }

    @Test func `a bundle that only a record names is left to the operator`() async throws {
        let program = try await program()
        let toml = try program.scratch.read("certd.toml").replacing(
            "directory = \"\(program.scratch.file("certs"))\"", with: "")
        try program.scratch.write(toml, to: "certd.toml")
        let run = try await program.run(["forget", name])
        #expect(run.status == 1 && run.errors.contains("neither certd.toml nor haproxy.cfg names its bundle"))
        #expect(hasBundle(program))
        try remove(program.scratch.file("certs/\(name).pem"))
        #expect(try await program.run(["forget", name]).output == "\(name): forgotten\n")
    }
}
