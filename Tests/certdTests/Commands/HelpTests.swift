import TestSupport
import Testing

@testable import certd

@Suite struct HelpTests {
    @Test func `certd alone shows a line a command and little more, with two examples`() async throws {
        let run = try await BuiltProgram().run([])
        #expect(run.status == 0)
        let lines = run.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        #expect(lines.count <= Certd.commandNames.count + 6)
        #expect(lines.allSatisfy { $0.count < 80 })
        #expect(lines.count { $0.hasPrefix("  certd ") } == 2)
        for command in ["check", "deploy", "build", "hook", "run"] {
            #expect(lines.contains { $0.hasPrefix("  \(command) ") })
        }
    }

    @Test(arguments: [
        ["--help"], ["help"], ["help", "check"], ["deploy", "-h"], ["help", "build"], ["hook", "--help"],
        ["help", "run"],
    ])
    func `help has its examples before the options`(arguments: [String]) async throws {
        let run = try await BuiltProgram().run(arguments)
        #expect(run.status == 0)
        let examples = try #require(run.output.firstRange(of: "EXAMPLES\n  certd"))
        let usage = try #require(run.output.firstRange(of: "USAGE:"))
        #expect(examples.lowerBound < usage.lowerBound)
        #expect(run.output.split(separator: "\n").allSatisfy { $0.hasPrefix("USAGE:") || $0.count <= 80 })
    }

    @Test func `the version is an answer`() async throws {
        let run = try await BuiltProgram().run(["--version"])
        #expect(run.status == 0 && run.output == "\(Version.current)\n" && run.errors.isEmpty)
    }
}
