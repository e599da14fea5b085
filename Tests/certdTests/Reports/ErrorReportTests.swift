import ArgumentParser
import CertKit
import Testing

@testable import certd

@Suite struct ErrorReportTests {
    private struct Fault: Diagnosis {
        var description = "the key does not belong to the certificate"
        var remedy = "compare the two"
        var location: String?
        var line: Int?
        let findingID = FindingID.keyMismatch
    }

    @Test(arguments: [
        (Fault(), "the key does not belong to the certificate"),
        (Fault(location: "/a.pem"), "the key does not belong to the certificate (/a.pem)"),
        (Fault(location: "/a.pem", line: 7), "the key does not belong to the certificate (/a.pem, line 7)"),
        (Fault(description: "/a.pem: torn", location: "/a.pem", line: 7), "/a.pem: torn"),
        (Fault(description: "bad\n\u{202E}name"), #"bad\n\u{202E}name"#),
    ])
    private func `an error says what and where`(fault: Fault, line: String) throws {
        let report = try #require(ErrorReport(fault))
        #expect(report.lines == ["certd: error: \(line)", "certd: hint: compare the two"])
        #expect(!report.isUsage)
    }

    @Test func `a hint of several lines keeps them`() throws {
        let report = try #require(ErrorReport(Fault(remedy: "write:\n[[bundle]]")))
        #expect(report.lines.dropFirst() == ["certd: hint: write:", "certd: hint: [[bundle]]"])
    }

    @Test(arguments: [
        (["--colour"], "unknown option '--colour'", "see: certd --help"),
        (["extra"], "unexpected argument 'extra'", "see: certd --help"),
    ])
    func `a wrong call is told in the same form`(arguments: [String], line: String, hint: String) throws {
        let error = try #require(throws: (any Error).self) { try Certd.parseAsRoot(arguments) }
        let report = try #require(ErrorReport(error))
        #expect(report.lines == ["certd: error: \(line)", "certd: hint: \(hint)"])
        #expect(report.isUsage)
    }

    @Test func `the parser's guess becomes a hint`() throws {
        let error = try #require(throws: (any Error).self) { try GlobalOptions.parse(["--confg", "x"]) }
        #expect(
            ErrorReport(error)?.lines == [
                "certd: error: unknown option '--confg'", "certd: hint: did you mean '--config'?",
            ])
    }

    @Test func `an error without a remedy is told without a hint`() {
        struct Plain: Error, CustomStringConvertible { let description = "Broken pipe" }
        #expect(ErrorReport(Plain())?.lines == ["certd: error: broken pipe"])
    }

    @Test(arguments: [CleanExit.helpRequest(), CleanExit.message("1.0"), ExitCode(2)] as [any Error])
    func `help and a status on purpose are no error`(error: any Error) {
        #expect(ErrorReport(error) == nil)
    }

    @Test func `a failure ends with 1, a wrong call with 2, and a check that cannot be made with 3`() throws {
        let failure = try #require(ErrorReport(Fault()))
        let usage = try #require(ErrorReport(ValidationError("no such lineage")))
        #expect([failure, usage].map { $0.exitCode(ofCheck: false).rawValue } == [1, 2])
        #expect([failure, usage].map { $0.exitCode(ofCheck: true).rawValue } == [3, 3])
    }
}
