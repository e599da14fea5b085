import Testing

@testable import certd

@Suite struct MetricsFormatTests {
    @Test(arguments: [
        ("", MetricsFormat.text), ("*/*", .text), ("text/html,application/xhtml+xml,*/*;q=0.8", .text),
        ("application/openmetrics-text", .openMetrics), ("application/openmetrics-text; version=1.0.0", .openMetrics),
        ("Application/OpenMetrics-Text;version=\"1.0.0\"", .openMetrics),
        ("application/openmetrics-text;version=0.0.1", .text), ("application/openmetrics-text;q=0", .text),
        ("application/openmetrics-text;q=x,,;", .openMetrics),
        // As Prometheus 2.42 and 3 ask.
        (
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            .openMetrics
        ),
        (
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
            .openMetrics
        ),
        ("text/plain;version=0.0.4,application/openmetrics-text;version=1.0.0;q=0.5", .text),
    ])
    func `the form that is preferred`(accepted: String, wanted: MetricsFormat) {
        #expect(MetricsFormat(accepted: accepted) == wanted)
    }
}
