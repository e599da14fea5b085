/// What `show proc` tells of a HAProxy in master-worker mode.
public struct MasterProcesses: Sendable, Hashable {
    /// One of its processes.
    public struct Entry: Sendable, Hashable {
        /// Its process id, as HAProxy sees it (a container may see another).
        public let pid: Int
        /// For the master, how often it has reloaded; for a worker, how many reloads it has outlived.
        public let reloads: Int
        /// The time since it started; the master's goes on over a reload.
        public let uptime: Duration
        /// Its version; nil where it is none that is known.
        public let version: HAProxyVersion?
    }

    /// The master.
    public let master: Entry
    /// How many reloads in a row have failed: 0 after one that worked (2.5+; always 0 before).
    public let failedReloads: Int
    /// The worker that takes new connections; nil where there is none.
    public let worker: Entry?
    /// Workers that only wait for their sessions to end, in HAProxy's order.
    public let oldWorkers: [Entry]

    /// Parses the answer; nil where it names no master.
    ///
    /// HAProxy 3.2 lists the worker that serves under `# old workers` after a reload has failed, and nobody under
    /// `# workers`; the youngest of them serves then.
    init?(_ answer: RuntimeAnswer) {
        var section = Substring("")
        var master: (Entry, failed: Int)?
        var workers: [Entry] = []
        var old: [Entry] = []
        for line in answer.lines {
            if line.hasPrefix("# ") { section = line.dropFirst(2) }
            guard let (type, entry, failed) = Self.parse(line) else { continue }
            switch (type, section) {
            case ("master", _): master = (entry, failed)
            case ("worker", "workers"): workers.append(entry)
            case ("worker", "old workers"): old.append(entry)
            // Programs that the master started are none of HAProxy's own.
            default: break
            }
        }
        guard let master else { return nil }
        (self.master, failedReloads) = master
        worker = workers.min { $0.reloads < $1.reloads } ?? old.min { $0.reloads < $1.reloads }
        let serving = worker?.pid
        oldWorkers = (workers + old).filter { $0.pid != serving }
    }

    /// `PID TYPE [RELATIVE PID] RELOADS [failed: N] UPTIME VERSION`: the relative pid stood there until 2.4.
    private static func parse(_ line: String) -> (type: Substring, Entry, failed: Int)? {
        let words = line.split(separator: " ")
        guard words.count >= 4, let pid = Int(words[0]),
            let time = words[2...].firstIndex(where: { Duration(uptime: $0) != nil }),
            let uptime = Duration(uptime: words[time])
        else { return nil }
        var numbers = words[2..<time]
        var failed = 0
        if let mark = numbers.firstIndex(of: "[failed:") {
            failed = numbers[mark...].dropFirst().first.flatMap { Int($0.prefix { $0 != "]" }) } ?? 0
            numbers = numbers[..<mark]
        }
        guard let reloads = numbers.last.flatMap({ Int($0) }) else { return nil }
        let version = words[time...].dropFirst().first.flatMap { HAProxyVersion($0) }
        return (words[1], Entry(pid: pid, reloads: reloads, uptime: uptime, version: version), failed)
    }
}

extension Duration {
    /// Parses `1d02h03m04s`.
    fileprivate init?(uptime text: Substring) {
        var rest = text
        var seconds = 0
        for (unit, size) in [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)] as [(Character, Int)] {
            guard let end = rest.firstIndex(of: unit), let count = Int(rest[..<end]), (0..<100_000).contains(count)
            else {
                return nil
            }
            seconds += count * size
            rest = rest[rest.index(after: end)...]
        }
        guard rest.isEmpty else { return nil }
        self = .seconds(seconds)
    }
}
