import TestSupport
import Testing

@testable import certd

@Suite struct WrongCallTests {
    struct Call: CustomTestStringConvertible, Sendable {
        let arguments: [String]
        let status: Int32
        let says: [String]
        var environment: [String] = []
        var testDescription: String { (environment + ["certd"] + arguments).joined(separator: " ") }
    }

    @Test(arguments: [
        Call(arguments: ["chek"], status: 2, says: ["no command is called chek", "did you mean certd check?"]),
        Call(arguments: ["frobnicate"], status: 2, says: ["there are: check, deploy, build, hook"]),
        Call(arguments: ["help", "deplyo"], status: 2, says: ["did you mean certd deploy?"]),
        Call(arguments: ["--colour"], status: 2, says: ["unknown option '--colour'", "see: certd --help"]),
        Call(arguments: ["deploy", "--dry-rum"], status: 2, says: ["did you mean '--dry-run'?"]),
        Call(arguments: ["deploy", "--zzz"], status: 2, says: ["see: certd help deploy"]),
        Call(arguments: ["check", "--jsno"], status: 3, says: ["did you mean '--json'?"]),
        Call(
            arguments: ["check", "-o", "xml"], status: 3,
            says: ["'xml'", "'table', 'wide', 'json', 'nagios' or 'prometheus'"]),
        Call(arguments: ["check", "-w"], status: 3, says: ["missing value for '-w <limit>'"]),
        Call(arguments: ["check", "-w", "soon"], status: 3, says: ["\"soon\" is not a threshold", "--warning 25%"]),
        Call(
            arguments: ["check"], status: 3, says: ["from CERTD_CHECK_WARNING", "CERTD_CHECK_WARNING=25%"],
            environment: ["CERTD_CHECK_WARNING=soon"]),
        Call(
            arguments: ["check"], status: 3, says: ["did you mean CERTD_CHECK_WARNING?"],
            environment: ["CERTD_CHECK_WARNNG=5d"]),
        Call(arguments: ["build", "--output", "x.pem"], status: 2, says: ["exactly one lineage", "certd help build"]),
        Call(arguments: ["build", "--output", "x.pem", "a", "b"], status: 2, says: ["exactly one lineage"]),
        Call(arguments: ["build", "--output", "", "a"], status: 2, says: ["needs the name of a file"]),
        Call(arguments: ["deploy", "pbx.exmple.org"], status: 2, says: ["did you mean pbx.example.org?"]),
        Call(arguments: ["check", "pbx.exmple.org"], status: 3, says: ["did you mean pbx.example.org?"]),
        Call(arguments: ["check", "a..b"], status: 3, says: ["is no lineage", "certd check"]),
        Call(
            arguments: ["check", "--config", "/none.toml"], status: 3,
            says: ["/none.toml, from --config", "leave --config out"]),
        Call(arguments: ["deploy", "--config", "/none.toml"], status: 2, says: ["/none.toml"]),
        Call(
            arguments: ["hook"], status: 2, says: ["no lineage below", "certd deploy LINEAGE"],
            environment: ["RENEWED_LINEAGE=/tmp/x"]),
    ])
    func `a wrong call says what is wrong and what would be right`(call: Call) async throws {
        let program = try await BuiltProgram(lineages: [("pbx.example.org", [])])
        let run = try await program.run(call.arguments, environment: call.environment)
        #expect(run.status == call.status)
        #expect(run.output.isEmpty)
        for text in call.says { #expect(run.errors.contains(text)) }
        for line in run.errors.split(separator: "\n") {
            #expect(line.hasPrefix("certd: error: ") || line.hasPrefix("certd: hint: "))
            #expect(!line.hasSuffix("."))
        }
    }
}
