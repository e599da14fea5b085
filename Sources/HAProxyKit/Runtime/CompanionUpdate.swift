public import CertKit

/// A companion as the Runtime API takes it: PEM for the issuer, one line of base64 for the OCSP response.
public struct CompanionPayload: Sendable {
    /// What it is.
    public let kind: Companion
    let text: SecretBytes

    /// Takes text that is as HAProxy wants it.
    public init(_ kind: Companion, text: SecretBytes) {
        self.kind = kind
        self.text = text
    }
}

/// A companion that HAProxy did not take.
public struct RefusedCompanion: Sendable, Equatable {
    /// What it is.
    public let kind: Companion
    /// HAProxy's words, or why it was not sent.
    public let reason: String
}

extension RuntimeAPI {
    /// Puts certificate and companions into one transaction and commits it, without those that HAProxy does not take.
    ///
    /// An OCSP response whose issuer HAProxy cannot find makes the commit fail (seen on 2.6.12, 3.0.11 and 3.2.26), and a
    /// renewal is worth more than a stapled response: then the certificate goes alone.
    func transact(
        _ name: String, _ pem: SecretBytes, _ companions: [CompanionPayload], limit: Int
    ) async throws(RuntimeError) -> [RefusedCompanion] {
        do throws(RuntimeError) {
            return try await transactOnce(name, pem, companions, limit: limit)
        } catch {
            guard case .rejected(_, let answer, _) = error, !companions.isEmpty else { throw error }
            _ = try await transactOnce(name, pem, [], limit: limit)
            return companions.map { RefusedCompanion(kind: $0.kind, reason: answer) }
        }
    }

    private func transactOnce(
        _ name: String, _ pem: SecretBytes, _ companions: [CompanionPayload], limit: Int
    ) async throws(RuntimeError) -> [RefusedCompanion] {
        var refused: [RefusedCompanion] = []
        try await abortingOnFailure(name) { () throws(RuntimeError) in
            try await set(name, pem)
            for companion in companions {
                guard let reason = try await add(companion, to: name, limit: limit) else { continue }
                refused.append(RefusedCompanion(kind: companion.kind, reason: reason))
            }
            try await commit(name)
        }
        return refused
    }

    /// Adds one to our own transaction, which HAProxy calls an update of it; gives the reason where it is not taken.
    private func add(
        _ companion: CompanionPayload, to name: String, limit: Int
    ) async throws(RuntimeError) -> String? {
        let set = try command(Self.setVerb, "\(name).\(companion.kind.rawValue)")
        let size = try RuntimeMessage(command: set, payload: companion.text).bytes.count
        guard size <= limit else { return "\(size) bytes are more than the \(limit) that HAProxy can take" }
        let answer = try await ask(set, companion.text)
        if let updated = answer.name(between: "Transaction updated for certificate ", and: "!") {
            guard isSameName(updated, name) else {
                throw .foreignTransaction(name: updated, wanted: name, socket: path)
            }
            return nil
        }
        if let other = answer.ongoingTransaction {
            throw .foreignTransaction(name: other, wanted: name, socket: path)
        }
        // A new one means that ours, with the certificate, is no more.
        if answer.contains("Transaction created for certificate ") { throw .transactionLost(name: name, socket: path) }
        return answer.excerpt(answering: set)
    }
}
