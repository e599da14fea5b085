import Testing

@testable import certd

/// The line that tells a person how far a run is.
@Suite struct ProgressTests {
    private final class Screen {
        var time = Duration.zero
        var written: [String] = []
    }

    private let screen = Screen()

    private func run(_ times: [Duration]) -> [String] {
        var progress = Progress(elapsed: { screen.time }, write: { screen.written.append($0) })
        progress.begin(times.count)
        for time in times {
            screen.time = time
            progress.step()
        }
        progress.end()
        return screen.written
    }

    @Test func `a run that is over within 200 ms shows none`() {
        #expect(run([.milliseconds(1), .milliseconds(100), .milliseconds(199)]) == [])
    }

    @Test func `with the last lineage there is nothing left to wait for`() {
        #expect(run([.seconds(9)]) == [])
    }

    @Test func `a longer one shows how far it is, twenty times a second at most, and takes the line back`() {
        let times = [100, 200, 201, 249, 250, 999, 2000].map { Duration.milliseconds($0) }
        let lines = [2, 5, 6].map { "\u{1b}[Kchecking: \($0) of 7 lineages\r" }
        #expect(run(times) == lines + ["\u{1b}[K\r"])
    }
}
