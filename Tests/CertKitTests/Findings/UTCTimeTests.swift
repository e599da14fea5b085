import CertKit
import FoundationEssentials
import Testing

@Suite struct UTCTimeTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"), (-631_152_000, "1950-01-01T00:00:00Z"),
        (1_797_297_825.9, "2026-12-15T01:23:45Z"), (951_782_400, "2000-02-29T00:00:00Z"),
        (253_402_300_799, "9999-12-31T23:59:59Z"), (1e308, "an impossible time"), (-1e19, "an impossible time"),
    ])
    func `a moment is written in UTC, rounded down`(seconds: Double, text: String) {
        #expect(Date(timeIntervalSince1970: seconds).utc == text)
    }

    @Test(arguments: ["1970-01-01T00:00:00Z", "1600-02-29T00:00:00Z", "2026-12-15T01:23:45Z", "9999-12-31T23:59:59Z"])
    func `a moment is read as it is written`(text: String) {
        #expect(Date(utc: text)?.utc == text)
    }

    @Test(arguments: [
        "", "soon", "2026-12-15", "2026-12-15T01:23:45+01:00", "2026-12-15T01:23:45.5Z", "2026-13-15T01:23:45Z",
        "26-11-21T12:00:00Z", "0026-11-21T12:00:00Z", " 2026-12-15T01:23:45Z",
    ])
    func `any other text is no moment`(text: String) {
        #expect(Date(utc: text) == nil)
    }

    @Test func `it is what Foundation writes`() {
        let moment = Date(timeIntervalSince1970: 1_795_414_234)
        #expect(moment.utc == moment.formatted(.iso8601))
    }
}
