import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import certd

@Suite struct BuildTests {
    @Test(arguments: [
        ("not-yet-valid", "not written: not-yet-valid: ", "certd build --force a.example.org"),
        ("key-mismatch", "does not hold the key", "certbot renew --force-renewal --cert-name a.example.org"),
        ("key-encrypted", "encrypted with a passphrase", "openssl pkey -in "),
    ])
    func `a refusal names the lineage and the way out`(made: String, error: String, hint: String) async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", ["--case", made])])
        let run = try await program.run(["build"])
        #expect(run.status == 1 && run.output.isEmpty)
        #expect(run.errors.hasPrefix("certd: error: a.example.org: "))
        #expect(run.errors.contains(error) && run.errors.contains(hint))
    }

    @Test(arguments: [
        ("certs", "cannot put the new file in place"), ("none/a.pem", "install -d -m 0750"),
        ("open/a.pem", "everybody may write it"),
    ])
    func `a place that is not fit is refused`(place: String, says: String) async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", [])])
        try await requireTool("install", ["-d", "-m", "0777", program.scratch.file("open").string])
        let output = program.scratch.path.appending(place).string
        let run = try await program.run(["build", "a.example.org", "--output", output])
        #expect(run.status == 1)
        #expect(run.errors.contains(says))
    }

    @Test func `what a killed run left beside the bundle goes with the next, new bundle or not`() async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", [])])
        for round in 1...2 {
            let leftover = try program.scratch.write("half a key", to: "certs/.a.example.org.pem.certd-new-\(round)")
            #expect(try await program.run(["build", "--dry-run"]).status == 0)
            #expect(FileManager.default.fileExists(atPath: leftover.string))
            #expect(try await program.run(["build"]).status == 0)
            let left = try FileManager.default.contentsOfDirectory(atPath: program.scratch.file("certs").string)
            #expect(left == ["a.example.org.pem"])
        }
    }

    @Test func `without a lineage there is nothing to do, and it is said`() async throws {
        for command in ["build", "deploy"] {
            let run = try await BuiltProgram().run([command])
            #expect(run.status == 0 && run.output.hasSuffix(": nothing to do\n"))
        }
    }
}
