import CertKit
import FoundationEssentials

/// What the daemon tells of itself as metrics, beside what a look sees.
struct DaemonMetrics {
    /// Those that it tells in another way than a look does.
    static let own: Set<Metric> = [.lastCheck]

    let figures: DaemonFigures
    let health: DaemonHealth
    let sight: Sight

    /// The lines with the end of the whole text.
    func text(_ format: MetricsFormat) -> String {
        let counts = figures.now
        let values: [(Metric, Int?)] = [
            (.deployments, counts.deployments), (.deploymentFailures, counts.failures),
            (.oldWorkers, sight.oldWorkers),
            // The loop's: that somebody is shown a fresh look does not say that anything is deployed.
            (.lastCheck, health.lastLook().at.map { Int($0.timeIntervalSince1970) }),
            (.processStart, Int(figures.start.timeIntervalSince1970)),
        ]
        var text = ""
        for case (let metric, let value?) in values {
            var family = MetricFamily(metric, format)
            family.add([:], value)
            text += family.text
        }
        return text + durations(counts, format) + format.end
    }

    private func durations(_ counts: DaemonFigures.Counts, _ format: MetricsFormat) -> String {
        var family = MetricFamily(.deploymentDuration, format)
        var sum = 0
        for (bound, count) in zip(DaemonFigures.bounds.map { "\($0)" } + ["+Inf"], counts.classes) {
            sum += count
            family.add(["le": bound], sum, suffix: "_bucket")
        }
        family.add([:], counts.seconds, suffix: "_sum")
        family.add([:], sum, suffix: "_count")
        return family.text
    }
}
