import CertKit

/// Looks on behalf of whoever asks for the status; those who ask while it looks get the same answer, so that asking often
/// does not make the daemon look more than once at a time.
actor StatusDesk {
    private let look: @Sendable () async throws -> StatusDocument
    private var looking: Task<StatusDocument, any Error>?

    init(_ look: @escaping @Sendable () async throws -> StatusDocument) { self.look = look }

    func document() async throws -> StatusDocument {
        if let looking { return try await looking.value }
        let task = Task { [look] in try await look() }
        looking = task
        defer { looking = nil }
        return try await task.value
    }
}
