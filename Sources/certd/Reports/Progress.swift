import SystemPackage

/// How far a run is, for a person who waits: a line that comes after 200 ms and goes at the end.
struct Progress {
    private let elapsed: () -> Duration
    private let write: (String) -> Void
    private var drawn: Duration?
    private var (done, total) = (0, 0)

    /// Writes to `write`; `elapsed` is the time since the run began.
    init(elapsed: @escaping () -> Duration, write: @escaping (String) -> Void) {
        (self.elapsed, self.write) = (elapsed, write)
    }

    /// On standard error; nil where that is no terminal that could take a line back.
    static func onTerminal() -> Progress? {
        guard Terminal.isErrorOutput else { return nil }
        let start = ContinuousClock.now
        return Progress(elapsed: { ContinuousClock.now - start }) { text in
            _ = try? FileDescriptor.standardError.writeAll(text.utf8)
        }
    }

    /// Says how much there is to do.
    mutating func begin(_ total: Int) { self.total = total }

    /// One more is done.
    mutating func step() {
        done += 1
        let now = elapsed()
        // With the last one there is nothing left to wait for.
        guard done < total, now >= (drawn.map { $0 + .milliseconds(50) } ?? .milliseconds(200)) else { return }
        drawn = now
        show("checking: \(done) of \(total) lineages")
    }

    /// Takes the line back.
    mutating func end() {
        if drawn != nil { show("") }
        drawn = nil
    }

    /// What stood there is erased, and whatever comes next begins at the start of the line.
    private func show(_ text: String) { write("\u{1b}[K\(text)\r") }
}
