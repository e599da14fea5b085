import CertKit
import FoundationEssentials

/// A distance in time for people: two units, rounded down, `22d 4h`.
func distance(_ seconds: TimeInterval) -> String {
    let whole = Int(exactly: abs(seconds).rounded(.down)) ?? .max
    let (days, hours, minutes) = (whole / 86_400, whole / 3600 % 24, whole / 60 % 60)
    if days > 0 { return hours > 0 ? "\(days)d \(hours)h" : "\(days)d" }
    if hours > 0 { return minutes > 0 ? "\(hours)h \(minutes)m" : "\(hours)h" }
    return minutes > 0 ? "\(minutes)m" : "\(whole)s"
}

/// What is left until `end`, or how long ago it was.
func timeLeft(until end: Date, from now: Date) -> String {
    let left = end.timeIntervalSince(now)
    return left < 0 ? "expired \(distance(left)) ago" : distance(left)
}

/// A moment for people, rounded down to the minute: `2026-12-15 01:23Z`.
func minuteTime(_ date: Date) -> String {
    date.utc("%Y-%m-%d %H:%MZ")
}
