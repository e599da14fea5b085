import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import CertKit

/// The moments at which dates are written differently, or at which a program counts wrongly.
@Suite struct TimeEdgeTests {
    @Test(arguments: [
        // The first that UTCTime can write, the last and the first after it (RFC 5280, 4.1.2.5), the end of a signed 32-bit
        // count, that of one that begins in 1930, and the last there is.
        "1950-01-01T00:00:01Z", "1969-12-31T23:59:59Z", "1970-01-01T00:00:01Z", "2038-01-19T03:14:07Z",
        "2049-12-31T23:59:59Z", "2050-01-01T00:00:00Z", "2066-02-06T06:28:15Z", "9999-12-31T23:59:59Z",
    ])
    func `a certificate is valid through the last second, and from the first`(moment: String) async throws {
        let edge = try Date(moment, strategy: .iso8601)
        let scratch = try ScratchDirectory()
        func leaf(_ name: String, from start: String, to end: String) async throws -> Certificate {
            try await MadeCertificates.lineage(
                name, below: scratch.path, ["--not-before=\(start)", "--not-after=\(end)"])
            let contents = try readFile(at: scratch.file("live/\(name)/cert.pem"))
            return try #require(try contents.parsed().certificates.first)
        }
        func ids(_ leaf: Certificate, _ now: Date) -> [FindingID] {
            leaf.timeFindings(on: now, thresholds: .standard, location: "cert.pem").map(\.id)
        }
        let ending = try await leaf("ending", from: "1950-01-01T00:00:00Z", to: moment)
        #expect(ending.notAfter == edge)
        #expect(ending.notAfter.utc == moment)
        #expect(ids(ending, edge) == [.expiring])
        #expect(ids(ending, edge + 1) == [.expired])
        #expect(ids(ending, edge + 0.5) == [.expired])
        guard moment < "9999" else { return }
        let beginning = try await leaf("beginning", from: moment, to: "9999-12-31T23:59:59Z")
        #expect(beginning.notBefore.utc == moment)
        #expect(ids(beginning, edge) == [])
        #expect(ids(beginning, edge - 1) == [.notYetValid])
        let text = "version = 5.6.0\n"
        let bytes = Array(text.utf8)
        let renewal = try #require(RenewalDate(of: beginning, by: RenewalFile(parsing: bytes.span)))
        #expect(renewal.due < beginning.notAfter && renewal.due >= beginning.notBefore)
    }
}
