/// How long to wait after failures: 1 s at first, then twice as long each time up to 60 s, less up to half of it by chance.
///
/// By chance, so that what failed together does not come back together for ever.
enum Backoff {
    /// The pause after the failure of this number, counted from 1.
    static func pause(afterFailure number: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        let whole = min(1 << min(max(number, 1) - 1, 6), 60) * 1000
        return .milliseconds(Int.random(in: max(whole / 2, 1000)...whole, using: &generator))
    }
}
