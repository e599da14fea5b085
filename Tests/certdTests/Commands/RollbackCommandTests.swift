import CertKit
import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// `certd rollback` as it is typed.
@Suite struct RollbackCommandTests {
    private let name = "a.example.org"

    /// Three generations, of which the newest is deployed; the options are those of the first.
    private func program(first options: [String] = ["--not-after=+70d"]) async throws -> BuiltProgram {
        let program = try await BuiltProgram(lineages: [(name, options)])
        for number in 2...3 { try await renew(program, number) }
        #expect(try await program.run(["deploy"]).status == 0)
        return program
    }

    private func renew(_ program: BuiltProgram, _ number: Int) async throws {
        try await MadeCertificates.lineage(
            name, below: program.letsencrypt, ["--generation", "\(number)", "--not-after=+8\(number)d"], now: nil)
    }

    /// The number of the generation that the bundle holds.
    private func deployed(_ program: BuiltProgram) throws -> Int? {
        let leaf = try InstalledBundle.read(at: program.scratch.file("certs/\(name).pem")).leaf
        return (1...4).first { number in
            let file = program.letsencrypt.appending("archive/\(name)/cert\(number).pem")
            return (try? InstalledBundle.read(at: file).leaf) == leaf
        }
    }

    private func pins(_ program: BuiltProgram) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: program.scratch.file("state/pins").string)) ?? []
    }

    @Test func `each goes one back, a number goes there, and all commands keep it until it is unpinned`() async throws {
        let program = try await program()
        let first = try await program.run(["rollback", name])
        #expect(first.status == 0 && first.output.hasPrefix("\(name): deployed "))
        #expect(first.errors.contains("pinned") && first.errors.contains("certd rollback --unpin \(name)"))
        #expect(try deployed(program) == 2)
        #expect(try await program.run(["rollback", name]).status == 0)
        #expect(try deployed(program) == 1)
        #expect(try await program.run(["rollback", name, "--to", "2"]).status == 0)
        #expect(try deployed(program) == 2)

        try await renew(program, 4)
        for command in [["deploy"], ["deploy", "--force", name], ["hook"], ["build"]] {
            let run = try await program.run(
                command, environment: ["RENEWED_LINEAGE=\(program.letsencrypt)/live/\(name)"])
            #expect(run.status == 0 && (run.errors + run.output).contains("pinned"), "\(command)")
            #expect(try deployed(program) == 2, "\(command)")
        }
        let check = try await program.run(["check"])
        #expect(check.status == 1 && check.output.contains("generation 2") && check.output.contains("stands at 4"))

        let unpinned = try await program.run(["rollback", "--unpin", name])
        #expect(unpinned.status == 0 && unpinned.errors.isEmpty)
        #expect(try deployed(program) == 4)
        #expect(try await program.run(["rollback", "--unpin", name]).output.contains("nothing to do"))
        #expect(try await program.run(["check"]).status == 0)
    }

    @Test(
        arguments: [
            (["--to", "7"], 1, "holds no complete generation 7, but 1, 2, 3", "ls "),
            (["--to", "0"], 2, "from 1 on", "certd help rollback"),
            (["--unpin", "--to", "1"], 2, "no other option", "certd help rollback"),
        ] as [([String], Int32, String, String)])
    func `a generation that is not there is refused, and nothing is touched`(
        options: [String], status: Int32, says: String, hint: String
    ) async throws {
        let program = try await program()
        let run = try await program.run(["rollback", name] + options)
        #expect(run.status == status && run.output.isEmpty)
        #expect(run.errors.contains(says) && run.errors.contains(hint), "\(run.errors)")
        #expect(try deployed(program) == 3 && pins(program).isEmpty)
        #expect(try await program.run(["check"]).status == 0)
    }

    @Test func `what is not a lineage, has no archive or nothing older is an error of its own`() async throws {
        let program = try await program()
        #expect(try await program.run(["rollback", "b.example.org"]).status == 2)
        #expect(try await program.run(["rollback"]).status == 2)
        _ = try await program.run(["rollback", name, "--to", "1"])
        let oldest = try await program.run(["rollback", name])
        #expect(oldest.status == 1)
        #expect(oldest.errors.contains(": \(program.letsencrypt)/archive/\(name) holds nothing older"))
        #expect(try deployed(program) == 1)
        let elsewhere = program.scratch.file("own")
        try FileManager.default.createDirectory(atPath: elsewhere.string, withIntermediateDirectories: false)
        let foreign = try await program.run(["rollback", elsewhere.string])
        #expect(foreign.status == 1 && foreign.errors.contains("certbot does not keep it"))
    }

    @Test func `a key of another certificate is refused, forced or not`() async throws {
        let program = try await program(first: ["--case", "key-mismatch"])
        for force in [[], ["--force"]] {
            let run = try await program.run(["rollback", name, "--to", "1"] + force)
            #expect(run.status == 1 && run.errors.contains("generation 1 cannot be deployed"))
            #expect(run.errors.contains("privkey"))
        }
        #expect(try deployed(program) == 3 && pins(program).isEmpty)
    }

    @Test func `an expired one is refused until it is forced, and is kept then`() async throws {
        let program = try await program(first: ["--not-before=-90d", "--not-after=-1d"])
        let run = try await program.run(["rollback", name, "--to", "1"])
        #expect(run.status == 1 && run.errors.contains("generation 1 has expired"))
        #expect(run.errors.contains("certd rollback --force --to 1 \(name)"))
        #expect(try deployed(program) == 3 && pins(program).isEmpty)

        #expect(try await program.run(["rollback", name, "--to", "1", "--force"]).status == 0)
        #expect(try deployed(program) == 1)
        let check = try await program.run(["check"])
        #expect(check.status == 2 && check.output.contains("expired") && check.output.contains("pinned"))
        try FileManager.default.removeItem(atPath: program.scratch.file("certs/\(name).pem").string)
        #expect(try await program.run(["deploy"]).status == 0)
        #expect(try deployed(program) == 1)
    }

    @Test func `where the deployment fails, what was pinned before is pinned again`() async throws {
        let program = try await program()
        let bundle = program.scratch.file("certs/\(name).pem").string
        for before in [nil, 2] {
            if let before {
                #expect(try await program.run(["rollback", name, "--to", "\(before)"]).status == 0)
            }
            try FileManager.default.moveItem(atPath: bundle, toPath: bundle + ".kept")
            try FileManager.default.createDirectory(atPath: bundle, withIntermediateDirectories: false)
            let run = try await program.run(["rollback", name, "--to", "1"])
            #expect(run.status == 1 && run.output.isEmpty)
            try FileManager.default.removeItem(atPath: bundle)
            try FileManager.default.moveItem(atPath: bundle + ".kept", toPath: bundle)
            let check = try await program.run(["check"])
            #expect(check.status == (before == nil ? 0 : 1) && !check.output.contains("deploy-failed"))
            #expect(try await program.run(["deploy"]).status == 0)
            #expect(try deployed(program) == before ?? 3)
        }
    }

    @Test(.enabled(if: geteuid() == 0)) func `what root pins, the daemon's user may read and take away`() async throws {
        let program = try await program()
        try await requireTool("chown", ["-R", "65534:65534", program.scratch.file("state").string])
        #expect(try await program.run(["rollback", name]).status == 0)
        let pin = try #require(pins(program).first)
        for path in ["state/pins", "state/pins/\(pin)"] {
            let stat = try Stat(program.scratch.file(path))
            #expect(stat.userID.rawValue == 65534 && stat.groupID.rawValue == 65534, "\(path)")
        }
    }

    @Test func `what cannot be pinned is not deployed`() async throws {
        let program = try await program()
        try program.scratch.write("", to: "state/pins")
        let run = try await program.run(["rollback", name])
        #expect(run.status == 1 && run.output.isEmpty && run.errors.contains("state/pins"))
        #expect(try deployed(program) == 3)
    }

    @Test func `a pin that cannot be understood stops deployments until somebody decides`() async throws {
        let program = try await program()
        _ = try await program.run(["rollback", name])
        let pin = try #require(pins(program).first)
        try program.scratch.write("{\"generation\":", to: "state/pins/\(pin)")
        let run = try await program.run(["deploy"])
        #expect(run.status == 1 && run.errors.contains("is no pin") && run.errors.contains("--unpin \(name)"))
        #expect(try deployed(program) == 2)
        let check = try await program.run(["check"])
        #expect(check.status != 0 && check.output.contains("is no pin"))
        #expect(try await program.run(["rollback", "--unpin", name]).status == 0)
        #expect(try deployed(program) == 3)
    }
}
