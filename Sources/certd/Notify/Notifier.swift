import CertKit
import FoundationEssentials
import SystemPackage

/// Tells the configured command what has changed since it was told last.
struct Notifier {
    /// How long the command may take.
    static let limit = Duration.seconds(60)

    let settings: Settings
    let host: String
    let now: Date
    var run: (_ words: [String], _ input: String) async -> HostProgram.End = {
        await HostProgram.run($0, within: Notifier.limit, input: $1)
    }

    private var state: StateDirectory { StateDirectory(path: settings.state) }

    /// What is told and what is then known; nil where there is nothing to tell.
    func news(in document: StatusDocument) throws -> (notification: Notification, known: KnownFindings)? {
        let before = try state.knownFindings()
        let (told, known) = before.news(in: document, at: now)
        guard !told.isEmpty else { return nil }
        let notification = Notification(
            host: host, state: document.state, checkedAt: document.checkedAt, findings: told)
        return (notification, known)
    }

    /// Tells of `document`, and gives how many findings were told.
    ///
    /// - Throws: ``NotificationError`` where the command failed, which then is told the same again the next time; an error
    ///   of the state directory before anybody is told, since everything would be told again each time.
    func tell(of document: StatusDocument) async throws -> Int {
        guard let (notification, known) = try news(in: document) else { return 0 }
        let memory = try state.stage(known)
        let command = settings.notification
        switch await run(command, try notification.json()) {
        case .well: try memory.install()
        case .badly(let how): throw NotificationError(command: command, how: how)
        case .late: throw NotificationError(command: command, how: "not ended within \(Notifier.limit)")
        }
        return notification.findings.count
    }
}

extension StateDirectory {
    private var knownFindingsPath: FilePath { path.appending("notified.json") }

    /// What was told; nothing where there is no record that can be understood.
    ///
    /// - Throws: where there is one that cannot be read.
    fileprivate func knownFindings() throws -> KnownFindings {
        guard let contents = try readFileUnlessMissing(at: knownFindingsPath, followingLinks: false) else {
            return KnownFindings()
        }
        let known = try? JSONDecoder().decode(
            KnownFindings.self, from: contents.bytes.withSpan { Data(copying: $0) })
        return known ?? KnownFindings()
    }

    /// The record that is to take the place of the one there is.
    fileprivate func stage(_ known: KnownFindings) throws -> StagedFile {
        try make(path)
        try StagedFile.removeLeftovers(beside: knownFindingsPath)
        let record = SecretBytes(copying: Array(try JSONEncoder().encode(known)).span)
        return try StagedFile(replacing: knownFindingsPath, with: record, trusting: users)
    }
}

/// Nobody was told, because the command failed.
struct NotificationError: Diagnosis, Equatable {
    let command: [String]
    let how: String

    private var words: String { command.joined(separator: " ").printable }

    var description: String { "\(words) was to be told of findings and failed: \(how)" }
    var remedy: String { "try it by hand: certd notify --dry-run | \(words)" }
    var findingID: FindingID { .configurationInvalid }
}
