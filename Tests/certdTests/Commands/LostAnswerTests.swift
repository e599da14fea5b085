import TestSupport
import Testing

@testable import certd

@Suite struct LostAnswerTests {
    @Test(
        arguments: [
            ("\"$0\" check > /dev/full", 3, "no space left on device"),
            ("\"$0\" deploy > /dev/full", 1, "no space left on device"),
            ("\"$0\" build --dry-run > /dev/full", 1, "no space left on device"),
            ("\"$0\" --help > /dev/full", 1, "no space left on device"),
            ("\"$0\" check >&-", 3, "bad file descriptor"),
            ("\"$0\" build >&- <&-", 1, "bad file descriptor"),
            ("\"$0\" check >&- <&- 2>&-", 3, ""),
        ] as [(String, Int32, String)])
    func `an answer that nobody gets is a failure`(script: String, status: Int32, error: String) async throws {
        let program = try await BuiltProgram(lineages: [("pbx.example.org", [])])
        let run = try await program.shell(script)
        #expect(run.status == status)
        #expect(run.errors.contains(error))
    }

    @Test func `with standard output closed the bundle is what it should be`() async throws {
        let program = try await BuiltProgram(lineages: [("pbx.example.org", [])])
        _ = try await program.shell("\"$0\" build >&- <&- 2>&-")
        let bundle = try program.scratch.read("certs/pbx.example.org.pem")
        #expect(bundle.hasPrefix("-----BEGIN CERTIFICATE-----"))
        #expect(bundle.hasSuffix("PRIVATE KEY-----\n"))
    }

    @Test func `a reader that has what it wanted is no failure`() async throws {
        let program = try await BuiltProgram(lineages: [("pbx.example.org", [])])
        let run = try await program.shell("set -e; { \"$0\" deploy; echo $? >&2; } | true")
        #expect(run.errors == "0\n")
    }
}
