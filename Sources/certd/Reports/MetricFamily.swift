/// How metrics are written.
enum MetricsFormat: Hashable, Sendable {
    /// Prometheus's own, version 0.0.4.
    case text
    /// OpenMetrics 1.0.0.
    case openMetrics

    /// The one that a client prefers by its `Accept`; the first where it does not care.
    init(accepted field: String) {
        var weights: [MetricsFormat: Double] = [:]
        for range in field.lowercased().split(separator: ",") {
            let parts = range.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" && $0 != "\"" } }
            guard let type = parts.first else { continue }
            let parameters = parts.dropFirst().map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
            func parameter(_ name: String) -> String? { parameters.first { $0.first == name }?.last }
            let weight = parameter("q").flatMap(Double.init) ?? 1
            switch type {
            case "application/openmetrics-text" where ["1.0.0", nil].contains(parameter("version")):
                weights[.openMetrics] = max(weights[.openMetrics] ?? 0, weight)
            case "text/plain" where ["0.0.4", nil].contains(parameter("version")):
                weights[.text] = max(weights[.text] ?? 0, weight)
            default: break
            }
        }
        let wanted = weights[.openMetrics] ?? 0
        self = wanted > 0 && wanted >= weights[.text] ?? 0 ? .openMetrics : .text
    }

    /// What ends the whole.
    var end: String { self == .openMetrics ? "# EOF\n" : "" }
}

/// The series of one metric.
struct MetricFamily {
    let metric: Metric
    private let format: MetricsFormat
    /// Labels in order, and the value as text.
    private(set) var series: [String] = []
    private var known: Set<String> = []

    init(_ metric: Metric, _ format: MetricsFormat = .text) { (self.metric, self.format) = (metric, format) }

    /// Adds one; a second with the same labels would make the whole text invalid, so the first one stays. A histogram's
    /// series have names of their own, by a `suffix`.
    mutating func add(
        _ labels: KeyValuePairs<String, String>, _ value: some CustomStringConvertible, suffix: String = ""
    ) {
        let text = labels.map { "\($0.key)=\"\($0.value.labelValue)\"" }.joined(separator: ",")
        guard known.insert(suffix + text).inserted else { return }
        series.append("\(metric.rawValue)\(suffix)\(text.isEmpty ? "" : "{\(text)}") \(value)\n")
    }

    /// Its lines; nothing where there are no series.
    var text: String {
        guard !series.isEmpty else { return "" }
        var name = metric.rawValue
        // In OpenMetrics the ending is that of a counter's series, not of its name.
        if format == .openMetrics, metric.kind == .counter { name.removeLast("_total".count) }
        return "# HELP \(name) \(metric.help)\n# TYPE \(name) \(metric.kind)\n" + series.joined()
    }
}

extension String {
    /// As the value of a label.
    fileprivate var labelValue: String {
        replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
