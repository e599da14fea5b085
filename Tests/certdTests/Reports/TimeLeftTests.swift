import FoundationEssentials
import Testing

@testable import certd

@Suite struct TimeLeftTests {
    private let now = Date(timeIntervalSince1970: 1_795_392_000)

    @Test(
        arguments: [
            (0.0, "0s"), (0.9, "0s"), (59, "59s"), (60, "1m"), (3599, "59m"), (3600, "1h"), (3660, "1h 1m"),
            (86_399, "23h 59m"), (86_400, "1d"), (89_999, "1d"), (1_918_799, "22d 4h"),
            (-1, "expired 1s ago"), (-172_800, "expired 2d ago"), (-10_920, "expired 3h 2m ago"),
            (34_560_000, "400d"), (1e308, "106751991167300d 15h"), (-.infinity, "expired 106751991167300d 15h ago"),
        ] as [(TimeInterval, String)])
    func `what is left is rounded down to two units`(seconds: TimeInterval, text: String) {
        #expect(timeLeft(until: now + seconds, from: now) == text)
    }

    @Test(
        arguments: [(0.0, "2026-11-23 00:00Z"), (59.9, "2026-11-23 00:00Z"), (86_340, "2026-11-23 23:59Z")]
            as [(TimeInterval, String)])
    func `a moment is told in UTC to the minute`(seconds: TimeInterval, text: String) {
        #expect(minuteTime(now + seconds) == text)
    }

    @Test(
        arguments: [
            0.0, -1, 1_795_435_199, 1_709_164_800, -2_208_988_800, -2_208_988_801, 253_402_300_799, 3e11, 1e300,
        ])
    func `a table says the same of a moment`(seconds: TimeInterval) {
        var text: [UInt8] = []
        text.append(minuteOf: Date(timeIntervalSince1970: seconds))
        #expect(String(decoding: text, as: UTF8.self) == minuteTime(Date(timeIntervalSince1970: seconds)))
    }
}
