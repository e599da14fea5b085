import CertKit
import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// What the daemon asks root for, and what root makes of whatever it finds there.
@Suite struct RootRequestsTests {
    private static let name = "a.example.org"

    /// A program with one lineage, and a directory for requests.
    private func stage() async throws -> (BuiltProgram, Inventory, RootRequests) {
        let program = try await BuiltProgram(lineages: [(Self.name, [])])
        let inventory = try await Inventory(settings: program.settings(), world: .live)
        let requests = RootRequests(inventory.settings)
        try FileManager.default.createDirectory(
            atPath: requests.directory.string, withIntermediateDirectories: true)
        return (program, inventory, requests)
    }

    @Test func `root deploys what is asked for, and the daemon sees that it is done`() async throws {
        let (program, inventory, requests) = try await stage()
        let lineage = try #require(inventory.lineages.first)

        async let asked = RootDeployment(inventory: inventory).run(lineage)
        while !requests.isPending(lineage) { await Task.yield() }
        let run = try await program.run(["deploy", "--requested"])
        let report = try await asked.outcome.get()

        #expect(run.status == 0 && run.output.hasPrefix("\(Self.name): deployed "))
        #expect(report.outcome == .deployed && report.differences.count == 1)
        #expect(try DirectoryHandle(opening: requests.directory).names() == [])
        let again = await RootDeployment(inventory: inventory).run(lineage)
        #expect(try again.outcome.get().outcome == .nothingToDo)
    }

    @Test func `a request that nobody takes is an error with the way out, and taken back`() async throws {
        let (program, inventory, requests) = try await stage()
        let lineage = try #require(inventory.lineages.first)

        let result = await RootDeployment(inventory: inventory, limit: .milliseconds(50)).run(lineage)

        let error = #expect(throws: RootRequestError.self) { try result.outcome.get() }
        #expect(error?.description.contains("has not taken the request in \(requests.directory)") == true)
        #expect(error?.remedy.contains("systemctl enable --now certd-deploy.path") == true)
        #expect(try DirectoryHandle(opening: requests.directory).names() == [])
        #expect(inventory.state.failure(of: lineage)?.message == error?.description)
        #expect(try await program.run(["check"]).status == 2)
    }

    @Test func `a lineage that root refuses says so to the daemon`() async throws {
        let (program, inventory, requests) = try await stage()
        let lineage = try #require(inventory.lineages.first)
        async let asked = RootDeployment(inventory: inventory).run(lineage)
        while !requests.isPending(lineage) { await Task.yield() }
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o777], ofItemAtPath: program.scratch.file("certs").string)
        let run = try await program.run(["deploy", "--requested"])
        #expect(run.status == 1 && run.errors.contains("everybody may write it"))
        let outcome = await asked.outcome
        let error = #expect(throws: RootRequestError.self) { try outcome.get() }
        #expect(error?.description.contains("root could not deploy it: ") == true)
        #expect(error?.description.contains("everybody may write it") == true)
    }

    @Test(arguments: [
        ("../../etc", "/etc"), ("", ""), ("b.example.org", "b.example.org"), ("/etc", "/etc"), ("a.example.org\nx", ""),
        ("\u{1b}[2J", ""), (String(repeating: "a", count: 5000), "larger than 4096 bytes"),
    ])
    func `a request for anything else is refused and removed`(text: String, says: String) async throws {
        let (program, _, requests) = try await stage()
        try program.scratch.write(text, to: "run/requests/x")
        let run = try await program.run(["deploy", "--requested"])
        #expect(run.status == 1 && run.output.isEmpty)
        #expect(run.errors.hasPrefix("certd: error: ") && run.errors.contains(says) && !run.errors.contains("\u{1b}"))
        #expect(try DirectoryHandle(opening: requests.directory).names() == [])
        #expect((try? Stat(program.scratch.file("certs/a.example.org.pem"))) == nil)
    }

    @Test func `a link or a pipe among the requests is neither followed nor waited for`() async throws {
        let (program, _, requests) = try await stage()
        try program.scratch.write("\(Self.name)\n", to: "elsewhere")
        let (link, pipe) = (requests.directory.appending("link").string, requests.directory.appending("pipe").string)
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: program.scratch.file("elsewhere").string)
        try #require(unsafe mkfifo(pipe, 0o600) == 0)
        let run = try await program.run(["deploy", "--requested"])
        #expect(run.status == 1 && run.output.isEmpty)
        #expect(run.errors.contains("a symbolic link") && run.errors.contains("a named pipe"))
        #expect(try DirectoryHandle(opening: requests.directory).names() == [])
        #expect(try program.scratch.read("elsewhere") == "\(Self.name)\n")
    }

    @Test func `where nobody has asked for anything there is nothing to do`() async throws {
        let program = try await BuiltProgram(lineages: [(Self.name, [])])
        let run = try await program.run(["deploy", "--requested"])
        #expect(run.status == 0 && run.output.isEmpty && run.errors.isEmpty)
        for more in [Self.name, "--force", "--dry-run"] {
            #expect(try await program.run(["deploy", "--requested", more]).status == 2)
        }
    }
}
