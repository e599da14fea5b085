import CertKit
import FoundationEssentials
import Testing

@Suite struct ThresholdTests {
    @Test(arguments: [
        ("-5d", "\"-5d\" is not a threshold"), ("abc", "\"abc\" is not a threshold"), ("", "\"\" is not a threshold"),
        ("20 d", "\"20 d\" is not a threshold"), ("20w", "\"20w\" is not a threshold"),
        ("1e3", "\"1e3\" is not a threshold"), ("nan", "\"nan\" is not a threshold"), ("%", "\"%\" is not a threshold"),
        ("-1%", "\"-1%\" is not a threshold"), ("d", "\"d\" is not a threshold"), (":", "\":\" is not a threshold"),
        ("1.", "\"1.\" is not a threshold"), ("1000000000000", "\"1000000000000\" is not a threshold"),
        ("٣d", "\"٣d\" is not a threshold"), ("@", "\"@\" is not a threshold"), ("5:1", "\"5:1\" is not a threshold"),
        ("1:2:3", "\"1:2:3\" is not a threshold"), ("1:~", "\"1:~\" is not a threshold"),
        ("10d:", "\"10d:\" is not a threshold"), ("120%", "\"120%\" is more than the whole lifetime"),
    ])
    func `what is no threshold is refused`(text: String, message: String) throws {
        let error = try #require(throws: ThresholdError.self) { try Threshold(text) }
        #expect(error.description == message)
        #expect(error.findingID == .configurationInvalid)
        #expect(error.remedy.contains("25%"))
    }

    @Test(arguments: [
        ("25%", "25%"), ("12.5%", "12.5%"), ("0%", "0%"), ("100%", "100%"), ("20d", "20d"), ("20", "20d"),
        ("1.5", "36h"), ("36h", "36h"), ("24h", "1d"), ("30m", "30m"), ("90s", "90s"), ("0", "0d"),
        ("10:", "10:"), ("@0:86400", "@0:86400"), ("~:5", "~:5"), ("1:2", "1:2"), (":5", "0:5"), ("@5", "@0:5"),
        ("-3.5:-1", "-3.5:-1"), ("@~:", "@~:"),
    ])
    func `a threshold reads back as what it says`(text: String, shown: String) throws {
        let threshold = try Threshold(text)
        #expect(threshold.description == shown)
        #expect(try Threshold(threshold.description) == threshold)
    }

    @Test(arguments: [
        ("25%", 2500.0, false), ("25%", 2499, true), ("25%", -1, true), ("0%", 0, false), ("0%", -1, true),
        ("100%", 9999, true), ("90s", 90, false), ("90s", 89, true), ("2m", 119, true), ("1h", 3600, false),
        ("1d", 86_399, true), ("1", 86_399, true), ("1", 86_400, false),
        ("10:", 10, false), ("10:", 9, true), ("@0:86400", -1, false), ("@0:86400", 0, true),
        ("@0:86400", 86_400, true), ("@0:86400", 86_401, false), ("~:5", 5, false), ("~:5", 6, true),
        ("~:5", -100, false), ("1:2", 0, true), ("1:2", 1, false), ("1:2", 2, false), ("1:2", 3, true),
        (":5", -1, true), ("@5", 3, true),
    ])
    func `a threshold is reached by the seconds left`(text: String, left: TimeInterval, reached: Bool) throws {
        #expect(try Threshold(text).isReached(left: left, lifetime: 10_000) == reached)
    }

    @Test(arguments: [("25%", 2500.0), ("2h", 7200), ("10:", nil), ("@0:5", nil)] as [(String, TimeInterval?)])
    func `performance data get one number, or none for a range`(text: String, boundary: TimeInterval?) throws {
        #expect(try Threshold(text).boundary(lifetime: 10_000) == boundary)
    }
}

@Suite struct ThresholdsTests {
    @Test(arguments: [
        ("10%", "25%", "critical (25%) is above warning (10%)"), ("7", "14", "critical (14d) is above warning (7d)"),
    ])
    func `critical before warning is refused`(warning: String, critical: String, message: String) throws {
        let error = try #require(throws: ThresholdError.self) {
            try Thresholds(warning: Threshold(warning), critical: Threshold(critical))
        }
        #expect(error.description == message)
    }

    @Test(arguments: [("10%", "10%"), ("10%", "30d"), ("2d", "50%"), ("10:", "20:")])
    func `thresholds of different kinds are not compared`(warning: String, critical: String) throws {
        _ = try Thresholds(warning: Threshold(warning), critical: Threshold(critical))
    }

    /// (lifetime in hours, hours left)
    @Test(
        arguments: [
            (160, 40, nil), (160, 39, .warning), (160, 16, .warning), (160, 15, .critical),
            (45 * 24, 24 * 15, nil), (90 * 24, 24 * 30, nil), (90 * 24, 24 * 22, .warning),
            (90 * 24, 24 * 8, .critical),
            (200 * 24, 24 * 66, nil), (200 * 24, 24 * 49, .warning), (90 * 24, -1, .critical),
        ] as [(Double, Double, Severity?)])
    func `a healthy certificate of any lifetime does not alarm`(lifetime: Double, left: Double, severity: Severity?) {
        let notBefore = Date(timeIntervalSince1970: 1_790_000_000)
        let notAfter = notBefore.addingTimeInterval(lifetime * 3600)
        let now = notAfter.addingTimeInterval(-left * 3600)
        #expect(Thresholds.standard.severity(notBefore: notBefore, notAfter: notAfter, on: now) == severity)
    }
}
