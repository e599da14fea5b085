import CertKit
import Glibc
import Logging
import SystemPackage

/// Where the daemon's log goes: to the journal with priority and fields, or as lines to standard error.
struct DaemonLog: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    private let journal: DatagramSocket?

    /// Standard error is the journal's where `JOURNAL_STREAM` names the very device and inode that it is.
    init(environment: [String: String], journal path: String = "/run/systemd/journal/socket") {
        var status = stat()
        let isJournals =
            unsafe fstat(STDERR_FILENO, &status) == 0
            && environment["JOURNAL_STREAM"] == "\(status.st_dev):\(status.st_ino)"
        journal = isJournals ? DatagramSocket(to: path) : nil
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        // What it is about comes first.
        let facts = metadata.merging(event.metadata ?? [:]) { $1 }.map { ($0, "\($1)".printable) }
            .sorted { ($0.0 == "lineage" ? "" : $0.0) < ($1.0 == "lineage" ? "" : $1.0) }
        let message = "\(event.message)".printable
        let text = ([message] + facts.map { "\($0)=\($1.contains(" ") ? "\"\($1)\"" : $1)" }).joined(separator: " ")
        guard let journal else { return DaemonLog.write("certd: \(event.level.word): \(text)\n") }
        var entry = JournalMessage()
        entry.add("MESSAGE", text)
        entry.add("PRIORITY", "\(event.level.priority)")
        entry.add("SYSLOG_IDENTIFIER", "certd")
        for (key, value) in facts { entry.add(JournalMessage.field(for: key), value) }
        // A journal that is being restarted still reads what was written to its stream, and takes priorities there.
        if !journal.send(entry.bytes) { DaemonLog.write("<\(event.level.priority)>\(text)\n") }
    }

    private static func write(_ line: String) {
        _ = try? FileDescriptor.standardError.writeAll(line.utf8)
    }
}

extension Logger.Level {
    /// As in syslog(3).
    fileprivate var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    fileprivate var word: String { rawValue }
}
